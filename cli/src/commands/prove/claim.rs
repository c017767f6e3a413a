use mesh_compiler::prove::Claim;
use mesh_ir::{
    CallerMatch, Mesh, Name, ObjectRef, PathPattern, RequestMatch, Scope, ServiceRef,
    SpiffePattern, Target, Who,
};

/// What a claim is about.
#[derive(Debug, clap::Args)]
pub(super) struct ClaimArgs {
    /// Who: ns/NAME, a service as name.namespace, gateway:name.namespace, spiffe://…, `authenticated` or `anyone`
    #[arg(long, value_name = "CALLER")]
    from: Vec<String>,
    /// What is called: a service as name.namespace, gateway:name.namespace, external:name.namespace, ns/NAME
    #[arg(long, value_name = "CALLED")]
    to: Vec<String>,
    /// Only by these methods
    #[arg(long, value_name = "METHOD", value_delimiter = ',')]
    method: Vec<String>,
    /// Only to these paths, as in a `match`
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,
}

impl ClaimArgs {
    /// What is not wrong and yet may not be meant.
    pub(super) fn notes(&self, mesh: &Mesh) -> Vec<String> {
        let callers = self.from.iter();
        callers.filter_map(|text| note(mesh, text)).collect()
    }

    /// In the words of a mesh.
    pub(super) fn claim(&self, mesh: &Mesh) -> Result<Claim, String> {
        let from = self.from.iter().map(|text| caller(mesh, text));
        let to = self.to.iter().map(|text| called(mesh, text));
        let paths = self.path.iter().map(|text| {
            PathPattern::parse(text).map_err(|why| format!("`{text}` is not a path: {why}"))
        });
        let paths = paths.collect::<Result<Vec<_>, _>>()?;
        let asks = !self.method.is_empty() || !paths.is_empty();
        let methods = self.method.iter().map(|text| method(text));
        let matches = RequestMatch {
            methods: methods.collect::<Result<_, _>>()?,
            paths,
            ..RequestMatch::default()
        };
        Ok(Claim::asked(
            from.collect::<Result<_, _>>()?,
            to.collect::<Result<_, _>>()?,
            asks.then_some(matches).into_iter().collect(),
        ))
    }
}

/// What somebody should know who reads the answer: of a namespace that nobody is in, a lot
/// is true.
fn note(mesh: &Mesh, caller: &str) -> Option<String> {
    let namespace = caller.strip_prefix("ns/")?;
    let services = mesh.services.keys().map(|it| &it.namespace);
    let gateways = mesh.gateways.keys().map(|it| &it.namespace);
    let mut namespaces = services.chain(gateways);
    let is_there = namespaces.any(|it| it.as_str() == namespace);
    (!is_there).then(|| format!("no service is in the namespace `{namespace}`"))
}

fn caller(mesh: &Mesh, text: &str) -> Result<CallerMatch, String> {
    let who = match text {
        "anyone" => Who::Anyone,
        "authenticated" => Who::Authenticated,
        _ if text.starts_with("spiffe://") => {
            let pattern = SpiffePattern::parse(text);
            Who::Identity(pattern.map_err(|why| format!("`{text}`: {why}"))?)
        }
        _ => {
            if let Some(namespace) = text.strip_prefix("ns/") {
                Who::Namespace(name(namespace)?)
            } else if let Some(gateway) = text.strip_prefix("gateway:") {
                let (gateway, object) = find(&mesh.gateways, gateway, object)?;
                Who::Gateway {
                    gateway,
                    identities: object.accounts.clone(),
                }
            } else {
                let (service, object) = find(&mesh.services, text, reference)?;
                Who::Service {
                    service,
                    identities: object.accounts.clone(),
                }
            }
        }
    };
    Ok(CallerMatch::from(who))
}

fn called(mesh: &Mesh, text: &str) -> Result<Target, String> {
    let scope = if let Some(namespace) = text.strip_prefix("ns/") {
        Scope::Namespace(called_in(mesh, namespace)?)
    } else if let Some(gateway) = text.strip_prefix("gateway:") {
        Scope::Gateway(find(&mesh.gateways, gateway, object)?.0)
    } else if let Some(external) = text.strip_prefix("external:") {
        Scope::External(find(&mesh.externals, external, reference)?.0)
    } else {
        Scope::Service(find(&mesh.services, text, reference)?.0)
    };
    Ok(Target {
        scope,
        ports: vec![],
        hosts: vec![],
    })
}

/// A namespace in which something is called.
fn called_in(mesh: &Mesh, text: &str) -> Result<Name, String> {
    let namespace = name(text)?;
    let mut services = mesh.services.keys();
    let is_there = services.any(|it| it.namespace == namespace);
    let found = is_there.then_some(namespace);
    found.ok_or_else(|| format!("no service is in the namespace `{text}`"))
}

/// A method as requests carry it: `get` is another one than `GET`.
fn method(text: &str) -> Result<String, String> {
    let is_word = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || b"-_".contains(&it);
    if !text.is_empty() && text.bytes().all(is_word) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`{text}` is not a method: they are written in capitals"
    ))
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|why| format!("`{text}` is not a name: {why}"))
}

/// `name.namespace` or `namespace/name`.
fn parts(text: &str) -> Result<(Name, Name), String> {
    let dotted = text.split_once('.').map(|(it, namespace)| (namespace, it));
    let both = dotted.or_else(|| text.split_once('/'));
    let (namespace, it) = both.ok_or_else(|| format!("`{text}` does not name its namespace"))?;
    Ok((name(namespace)?, name(it)?))
}

fn object(text: &str) -> Result<ObjectRef, String> {
    let (namespace, name) = parts(text)?;
    Ok(ObjectRef { namespace, name })
}

fn reference(text: &str) -> Result<ServiceRef, String> {
    let (namespace, name) = parts(text)?;
    Ok(ServiceRef { namespace, name })
}

/// An object that is there: a claim about nothing would be true of every mesh.
fn find<'m, K: Ord, T>(
    objects: &'m std::collections::BTreeMap<K, T>,
    text: &str,
    parse: impl Fn(&str) -> Result<K, String>,
) -> Result<(K, &'m T), String> {
    let id = parse(text)?;
    let found = objects.get(&id);
    let found = found.ok_or_else(|| format!("there is no `{text}`"))?;
    Ok((id, found))
}
