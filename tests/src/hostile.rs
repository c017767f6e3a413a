//! Repositories that somebody built to hurt: files for `mesh check`, and Git
//! trees written object by object, past what Git's own tools would make.

use std::io::Write;

use git2::{ObjectType, Odb, Oid};

use crate::Repository;

const BLOB: &str = "100644";
const TREE: &str = "40000";
const LINK: &str = "120000";
const GITLINK: &str = "160000";

/// A hostile file: its name below the directory of intents, and its bytes.
pub struct HostileFile {
    /// What is wrong with it.
    pub what: &'static str,
    /// Relative, ends in `.yaml`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Files whose bytes are the attack.
pub fn files() -> Vec<HostileFile> {
    let file = |what, bytes: Vec<u8>| HostileFile {
        what,
        path: "hostile.yaml".to_owned(),
        bytes,
    };
    let document = "apiVersion: meshwright.dev/v1\nkind: Service\nmetadata: {name: x, namespace: shop}\nspec: ";
    let nested = |open: &str, close: &str| {
        format!("{document}{}{}", open.repeat(60_000), close.repeat(60_000)).into_bytes()
    };
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        bomb =
            bomb + "a" + &level.to_string() + ": &a" + &level.to_string() + " [" + &below + "]\n";
    }
    let keys = (0..100_000).fold(String::new(), |keys, n| keys + &format!("k{n}: 1\n"));
    vec![
        file("an alias bomb", bomb.into_bytes()),
        file("an alias of itself", b"a: &a [*a]\n".to_vec()),
        file("deep flow sequences", nested("[", "]")),
        file("deep flow mappings", nested("{a: ", "}")),
        file("deep block sequences", format!("{document}\n{}", "- ".repeat(60_000)).into_bytes()),
        file("unclosed brackets", format!("{document}{}", "[".repeat(200_000)).into_bytes()),
        file("100,000 keys", keys.into_bytes()),
        file("20,000 documents", "---\n{}\n".repeat(20_000).into_bytes()),
        file("a scalar of 900 KB", [document.as_bytes(), &vec![b'a'; 900_000]].concat()),
        file("a key of 900 KB", [&vec![b'k'; 900_000][..], b": 1\n"].concat()),
        file("a file over the bound", vec![b'#'; 3 << 20]),
        file("NUL bytes", b"apiVersion: \0\0\0\n".to_vec()),
        file("UTF-16", "\u{feff}kind: Mesh\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        file("bytes that are no UTF-8", b"kind: \xff\xfe\xc0\xaf\n".to_vec()),
        file("a byte order mark", b"\xef\xbb\xbfkind: Mesh\n".to_vec()),
        file("an ELF header", b"\x7fELF\x02\x01\x01\0\0\0\0\0".to_vec()),
        file("tabs for indentation", b"kind: Mesh\nspec:\n\ttrustDomain: x\n".to_vec()),
        file("a tag of another language", b"kind: !!python/object/apply:os.system ['touch /tmp/escaped']\n".to_vec()),
        file("a merge key", b"a: {b: 1}\n<<: {kind: Mesh}\n".to_vec()),
        file("duplicate keys", b"kind: Mesh\nkind: Team\n".to_vec()),
        file("an endless quoted scalar", [b"kind: \"".as_slice(), &vec![b'a'; 500_000]].concat()),
        file("escapes to surrogates", br#"kind: "\uD800\uDFFF""#.to_vec()),
        file("a huge number", format!("{document}{{ports: {{http: {}}}}}", "9".repeat(100_000)).into_bytes()),
        file("carriage returns alone", b"kind: Mesh\rspec: {}\r".to_vec()),
        file("a directive", b"%YAML 9.9\n---\nkind: Mesh\n".to_vec()),
        file("a text that steers a terminal", b"kind: \"\x1b]0;owned\x07\x1b[2J\"\n".to_vec()),
        file("escapes that steer a terminal", br#"{apiVersion: meshwright.dev/v1, kind: "\e]0;owned\a\e[2J\u202e", metadata: {name: "\e[31m\r\u202e"}}"#.to_vec()),
        file("right-to-left overrides", "kind: \u{202e}hseM\n".as_bytes().to_vec()),
        file("a regex that explodes", format!("apiVersion: meshwright.dev/v1\nkind: Access\nmetadata: {{name: x, namespace: shop}}\nspec: {{service: reviews, allow: [{{from: [{{authenticated: true}}], match: [{{paths: [{{regex: '{}'}}]}}]}}]}}\n", "(a{1,1000}){1,1000}".repeat(8)).into_bytes()),
        file("a path of 20,000 stars", format!("apiVersion: meshwright.dev/v1\nkind: Access\nmetadata: {{name: x, namespace: shop}}\nspec: {{service: reviews, allow: [{{from: [{{authenticated: true}}], match: [{{paths: [{}]}}]}}]}}\n", "/*".repeat(20_000) + "x*").into_bytes()),
        HostileFile { what: "a name that steers a terminal", path: "\u{1b}[31mred.yaml".to_owned(), bytes: b"kind: Nothing\n".to_vec() },
    ]
}

/// A commit that adds one hostile thing to the tree of `HEAD`, and what is wrong with it.
pub struct HostileTree {
    /// What is wrong with it.
    pub what: &'static str,
    /// A hostile entry beside the good ones: mode, name, object.
    make: fn(&Odb<'_>) -> (&'static str, Vec<u8>, Oid),
}

/// Commits whose tree is the attack.
#[expect(
    clippy::too_many_lines,
    reason = "a list of thirty attacks, one after the other"
)]
pub fn trees() -> Vec<HostileTree> {
    fn blob(odb: &Odb<'_>, bytes: &[u8]) -> Oid {
        odb.write(ObjectType::Blob, bytes).expect("a written blob")
    }
    fn tree(odb: &Odb<'_>, entries: &[(&str, &[u8], Oid)]) -> Oid {
        odb.write(ObjectType::Tree, &encode(entries))
            .expect("a written tree")
    }
    fn link(odb: &Odb<'_>, to: &str) -> (&'static str, Vec<u8>, Oid) {
        (LINK, b"zz.yaml".to_vec(), blob(odb, to.as_bytes()))
    }
    fn inside(odb: &Odb<'_>, name: &[u8]) -> (&'static str, Vec<u8>, Oid) {
        let evil = blob(odb, b"kind: Evil\n");
        (
            TREE,
            name.to_vec(),
            tree(odb, &[(BLOB, b"evil.yaml", evil)]),
        )
    }
    fn named(odb: &Odb<'_>, name: &[u8]) -> (&'static str, Vec<u8>, Oid) {
        (BLOB, name.to_vec(), blob(odb, b"kind: Evil\n"))
    }
    let case = |what, make| HostileTree { what, make };
    vec![
        case("a symlink to /etc/passwd", |odb| link(odb, "/etc/passwd")),
        case("a symlink out of the repository", |odb| {
            link(odb, "../../../../etc/hostname")
        }),
        case("a symlink to itself", |odb| link(odb, "zz.yaml")),
        case("a symlink to a directory", |odb| link(odb, ".")),
        case("a symlink to the state directory", |odb| {
            link(odb, "/proc/self/cwd")
        }),
        case("a directory `..`", |odb| inside(odb, b"..")),
        case("a directory `.`", |odb| inside(odb, b".")),
        case("a directory `.git`", |odb| inside(odb, b".git")),
        case("a directory `.GIT`", |odb| inside(odb, b".GIT")),
        case("a directory with a slash", |odb| inside(odb, b"a/../../b")),
        case("a file `../escaped.yaml`", |odb| {
            named(odb, b"../escaped.yaml")
        }),
        case("a file `/tmp/escaped.yaml`", |odb| {
            named(odb, b"/tmp/escaped.yaml")
        }),
        case("a name that is no UTF-8", |odb| {
            named(odb, b"z\xff\xfe.yaml")
        }),
        case("a name with a newline", |odb| named(odb, b"z\nx.yaml")),
        case("a name with an escape", |odb| named(odb, b"z\x1b[2J.yaml")),
        case("a name of 5,000 bytes", |odb| {
            named(odb, &[&vec![b'z'; 5_000][..], b".yaml"].concat())
        }),
        case("a submodule", |_| {
            (
                GITLINK,
                b"zz.yaml".to_vec(),
                Oid::from_bytes(&[7; 20]).expect("an id"),
            )
        }),
        case("a submodule with a dangerous URL", |odb| {
            let modules = blob(
                odb,
                b"[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c 'touch /tmp/escaped'\n",
            );
            (
                TREE,
                b"zz".to_vec(),
                tree(
                    odb,
                    &[
                        (BLOB, b".gitmodules", modules),
                        (
                            GITLINK,
                            b"x.yaml",
                            Oid::from_bytes(&[7; 20]).expect("an id"),
                        ),
                    ],
                ),
            )
        }),
        case("a blob that is not there", |_| {
            (
                BLOB,
                b"zz.yaml".to_vec(),
                Oid::from_bytes(&[9; 20]).expect("an id"),
            )
        }),
        case("a tree that is not there", |_| {
            (
                TREE,
                b"zz".to_vec(),
                Oid::from_bytes(&[9; 20]).expect("an id"),
            )
        }),
        case("a file that is a tree", |odb| {
            (BLOB, b"zz.yaml".to_vec(), tree(odb, &[]))
        }),
        case("a directory that is a file", |odb| {
            (TREE, b"zz".to_vec(), blob(odb, b"kind: Evil\n"))
        }),
        case("a tree 500 levels deep", |odb| {
            let evil = blob(odb, b"kind: Evil\n");
            let mut below = tree(odb, &[(BLOB, b"evil.yaml", evil)]);
            for _ in 0..500 {
                below = tree(odb, &[(TREE, b"d", below)]);
            }
            (TREE, b"zz".to_vec(), below)
        }),
        case("a tree bomb", |odb| {
            let evil = blob(odb, b"kind: Evil\n");
            let mut below = tree(odb, &[(BLOB, b"evil.yaml", evil)]);
            for _ in 0..12 {
                let names: Vec<_> = (b'a'..=b'j').map(|letter| [letter]).collect();
                let entries: Vec<_> = names.iter().map(|name| (TREE, &name[..], below)).collect();
                below = tree(odb, &entries);
            }
            (TREE, b"zz".to_vec(), below)
        }),
        case("30,000 files", |odb| {
            let evil = blob(odb, b"kind: Evil\n");
            let names: Vec<_> = (0..30_000).map(|n| format!("f{n:05}.yaml")).collect();
            let entries: Vec<_> = names
                .iter()
                .map(|name| (BLOB, name.as_bytes(), evil))
                .collect();
            (TREE, b"zz".to_vec(), tree(odb, &entries))
        }),
        case("100 files of 1 MB", |odb| {
            let big = blob(odb, &vec![b'#'; 1_000_000]);
            let names: Vec<_> = (0..100).map(|n| format!("f{n:05}.yaml")).collect();
            let entries: Vec<_> = names
                .iter()
                .map(|name| (BLOB, name.as_bytes(), big))
                .collect();
            (TREE, b"zz".to_vec(), tree(odb, &entries))
        }),
        case("two entries of one name", |odb| {
            let (a, b) = (blob(odb, b"kind: Evil\n"), blob(odb, b"kind: Worse\n"));
            (
                TREE,
                b"zz".to_vec(),
                tree(odb, &[(BLOB, b"same.yaml", a), (BLOB, b"same.yaml", b)]),
            )
        }),
        case("a tree object cut short", |odb| {
            (
                TREE,
                b"zz".to_vec(),
                odb.write(ObjectType::Tree, b"100644 x.yaml\0\x01\x02")
                    .expect("a written object"),
            )
        }),
        case("an unknown mode", |odb| {
            ("777777", b"zz.yaml".to_vec(), blob(odb, b"kind: Evil\n"))
        }),
        case("a blob of 600 MB of zeros", |odb| {
            let size = 600 << 20;
            let mut writer = odb.writer(size, ObjectType::Blob).expect("a writer");
            let zeros = vec![0; 1 << 20];
            (0..600).for_each(|_| writer.write_all(&zeros).expect("written zeros"));
            (
                BLOB,
                b"zz.yaml".to_vec(),
                writer.finalize().expect("a written blob"),
            )
        }),
    ]
}

impl HostileTree {
    /// Commits the tree of `HEAD` with the hostile entry added; gives the commit's id.
    pub fn commit(&self, repository: &Repository) -> String {
        let git = repository.git();
        let odb = git.odb().expect("an object database");
        let parent = git
            .head()
            .expect("a branch")
            .peel_to_commit()
            .expect("a commit");
        let good = parent.tree().expect("a tree");
        let (mode, name, object) = (self.make)(&odb);
        let mut entries: Vec<_> = good
            .iter()
            .map(|entry| {
                (
                    format!("{:o}", entry.filemode()),
                    entry.name_bytes().to_vec(),
                    entry.id(),
                )
            })
            .collect();
        entries.push((mode.to_owned(), name, object));
        let borrowed: Vec<_> = entries
            .iter()
            .map(|(mode, name, id)| (mode.as_str(), name.as_slice(), *id))
            .collect();
        let tree = odb
            .write(ObjectType::Tree, &encode(&borrowed))
            .expect("a written tree");
        let text = format!(
            "tree {tree}\nparent {}\nauthor Mallory <m@evil.example> 1700000000 +0000\ncommitter Mallory <m@evil.example> 1700000000 +0000\n\n{}\n",
            parent.id(),
            self.what
        );
        let commit = odb
            .write(ObjectType::Commit, text.as_bytes())
            .expect("a written commit");
        git.reference("refs/heads/main", commit, true, self.what)
            .expect("a moved branch");
        commit.to_string()
    }
}

/// A tree object as Git stores it, in the order in which the entries are given.
fn encode(entries: &[(&str, &[u8], Oid)]) -> Vec<u8> {
    let mut bytes = vec![];
    for (mode, name, id) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    bytes
}
