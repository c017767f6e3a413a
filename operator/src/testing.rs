//! What tests of several modules start from: a small mesh and a real repository.

use std::path::Path;

use git2::{Commit, Oid, Repository, Signature, Time};

/// Two services and who may call.
pub(crate) const MESH: &str = "\
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example}
";

/// Calls, and serves nothing.
pub(crate) const CLIENT: &str = "\
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: client, namespace: demo}
spec: {}
";

/// Serves one port.
pub(crate) const HELLO: &str = "\
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: hello, namespace: demo}
spec: {ports: {http: 8080}}
";

/// Who may call `hello`, from a method on.
pub(crate) fn access(method: &str) -> String {
    format!(
        "\
apiVersion: meshwright.dev/v1
kind: Access
metadata: {{name: hello, namespace: demo}}
spec:
  service: hello
  allow:
    - from: [{{service: client}}]
      match: [{{methods: [{method}], paths: [/hello/**]}}]
"
    )
}

/// One workload of each service.
pub(crate) fn inventory(port: u16) -> String {
    format!(
        "\
workloads:
  - namespace: demo
    name: client
    service: client
    outbound: 127.0.0.1:7001
  - namespace: demo
    name: hello-v1
    service: hello
    inbound:
      - {{port: http, listen: '127.0.0.1:{port}', application: '127.0.0.1:7003'}}
"
    )
}

/// The files of the small mesh.
pub(crate) fn mesh_files(method: &str) -> Vec<(&'static str, String)> {
    vec![
        ("mesh.yaml", MESH.to_owned()),
        ("client.yaml", CLIENT.to_owned()),
        ("hello.yaml", HELLO.to_owned()),
        ("access.yaml", access(method)),
    ]
}

/// A bare repository whose branch `main` is moved commit by commit.
pub(crate) struct TestRepository {
    git: Repository,
}

impl TestRepository {
    pub(crate) fn new(path: &Path) -> Self {
        let git = Repository::init_bare(path).unwrap();
        git.set_head("refs/heads/main").unwrap();
        Self { git }
    }

    /// A commit of exactly these files on top of another, and the branch on it.
    pub(crate) fn commit_on(&self, parent: Option<&str>, files: &[(&str, String)]) -> String {
        let who = Signature::new("Ada", "ada@example.org", &Time::new(1_700_000_000, 0)).unwrap();
        let mut builder = self.git.treebuilder(None).unwrap();
        for (name, content) in files {
            let blob = self.git.blob(content.as_bytes()).unwrap();
            builder.insert(name, blob, 0o100_644).unwrap();
        }
        let tree = self.git.find_tree(builder.write().unwrap()).unwrap();
        let parent = parent.map(|id| self.git.find_commit(Oid::from_str(id).unwrap()).unwrap());
        let parents: Vec<&Commit<'_>> = parent.iter().collect();
        let id = self
            .git
            .commit(None, &who, &who, "a change", &tree, &parents)
            .unwrap();
        self.point_at(&id.to_string());
        id.to_string()
    }

    /// Where in the repository the object of a file's content lies.
    pub(crate) fn object(&self, content: &str) -> String {
        let id = self.git.blob(content.as_bytes()).unwrap().to_string();
        format!("objects/{}/{}", &id[..2], &id[2..])
    }

    /// A commit on top of the branch.
    pub(crate) fn commit(&self, files: &[(&str, String)]) -> String {
        let head = self.git.refname_to_id("refs/heads/main").ok();
        self.commit_on(head.map(|id| id.to_string()).as_deref(), files)
    }

    /// Moves the branch, as `git reset` does.
    pub(crate) fn point_at(&self, id: &str) {
        let id = Oid::from_str(id).unwrap();
        self.git
            .reference("refs/heads/main", id, true, "test")
            .unwrap();
    }
}
