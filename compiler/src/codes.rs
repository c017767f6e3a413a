use std::sync::LazyLock;

use crate::diagnostic::{Code, CodeInfo};

static CODES: LazyLock<Vec<CodeInfo>> = LazyLock::new(|| {
    let mut codes: Vec<CodeInfo> = [crate::syntax::CODES, crate::resolve::CODES].concat();
    codes.extend(crate::environment::CODES.concat());
    codes.extend(crate::check::CODES.concat());
    codes.extend(crate::policy_test::CODES);
    codes.extend(crate::invariant::CODES);
    codes.sort_by_key(|info| info.code);
    codes
});

/// Every code that the compiler can report, in ascending order.
pub fn codes() -> &'static [CodeInfo] {
    &CODES
}

/// One code, by `M0123` in any case.
pub fn find_code(text: &str) -> Option<&'static CodeInfo> {
    let digits = text.strip_prefix(['M', 'm'])?;
    let code = Code(digits.parse().ok()?);
    (digits.len() == 4)
        .then(|| codes().iter().find(|info| info.code == code))
        .flatten()
}
