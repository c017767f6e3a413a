//! The real `mesh lsp`, over its standard input and output.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const MESH: &str = "apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example, defaults: {timeout: 20s}}
";

const SERVICE: &str = "apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 9080}, versions: {v1: {}}}
";

const ACCESS: &str = "# é🐟
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow: [{from: [{namespace: shop}]}]
";

/// A server on a directory with these files.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    directory: tempfile::TempDir,
    last: u64,
    /// Notifications that came while an answer was waited for.
    heard: Vec<Value>,
}

impl Server {
    fn start(files: &[(&str, &str)]) -> Self {
        Self::start_for(files, &json!({}))
    }

    /// For an editor that can do certain things.
    fn start_for(files: &[(&str, &str)], capabilities: &Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(directory.path().join(path), text).unwrap();
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_mesh"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut server = Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            directory,
            last: 0,
            heard: Vec::new(),
        };
        let root = server.uri("");
        let answer = server.ask(
            "initialize",
            &json!({"processId": null, "rootUri": root, "capabilities": capabilities}),
        );
        assert_eq!(answer["result"]["capabilities"]["hoverProvider"], true);
        server.tell("initialized", &json!({}));
        server
    }

    fn uri(&self, path: &str) -> String {
        let root = std::fs::canonicalize(self.directory.path()).unwrap();
        format!("file://{}", Path::new(&root).join(path).display())
    }

    fn raw(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.next();
            if message["id"] == id {
                return message;
            }
            self.heard.push(message);
        }
    }

    fn next(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the server is gone"
            );
            if let Some(number) = line.strip_prefix("Content-Length: ") {
                length = number.trim().parse().unwrap();
            } else if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The codes that are next published for a file.
    fn published(&mut self, path: &str) -> Vec<Value> {
        let uri = self.uri(path);
        let is_it = |it: &Value| {
            it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == *uri
        };
        loop {
            let message = match self.heard.iter().position(is_it) {
                Some(at) => self.heard.remove(at),
                None => self.next(),
            };
            if is_it(&message) {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
            self.heard.push(message);
        }
    }

    fn open(&mut self, path: &str, text: &str) {
        let document =
            json!({"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn change(&mut self, path: &str, range: &Value, text: &str) {
        let document = json!({"uri": self.uri(path), "version": 2});
        let change = if range.is_null() {
            json!({"text": text})
        } else {
            json!({"range": range, "text": text})
        };
        self.tell(
            "textDocument/didChange",
            &json!({"textDocument": document, "contentChanges": [change]}),
        );
    }

    /// Asks about a place of a file.
    fn at(&mut self, method: &str, path: &str, line: u32, character: u32) -> Value {
        let document = json!({"uri": self.uri(path)});
        let position = json!({"line": line, "character": character});
        let params = json!({"textDocument": document, "position": position});
        self.ask(&format!("textDocument/{method}"), &params)["result"].clone()
    }

    fn end(mut self) {
        assert!(self.ask("shutdown", &Value::Null)["result"].is_null());
        self.tell("exit", &Value::Null);
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

fn range(line: u32, start: u32, end: u32) -> Value {
    json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}})
}

const FILES: [(&str, &str); 3] = [
    ("mesh.yaml", MESH),
    ("reviews.yaml", SERVICE),
    ("access.yaml", ACCESS),
];

#[test]
fn unsaved_text_is_judged_and_fixed_in_units_of_utf_16() {
    let mut server = Server::start(&FILES);
    let broken = ACCESS.replace("service: reviews\n", "service: reviws # é🐟\n");
    server.open("access.yaml", &broken);
    let found = server.published("access.yaml");
    assert_eq!(found[0]["code"], "M0203");
    assert_eq!(found[0]["range"], range(5, 11, 17));
    let asked = json!({
        "textDocument": {"uri": server.uri("access.yaml")},
        "range": range(5, 12, 12),
        "context": {"diagnostics": []},
    });
    let actions = server.ask("textDocument/codeAction", &asked);
    let action = &actions["result"][0];
    assert_eq!(action["title"], "write `reviews`");
    let uri = server.uri("access.yaml");
    assert_eq!(action["edit"]["changes"][&uri][0]["newText"], "reviews");
    server.change("access.yaml", &range(5, 11, 17), "reviews");
    assert_eq!(server.published("access.yaml"), [] as [Value; 0]);
    server.end();
}

#[test]
fn a_change_of_one_file_is_felt_in_the_others() {
    let mut server = Server::start(&FILES);
    server.open("reviews.yaml", SERVICE);
    server.change(
        "reviews.yaml",
        &Value::Null,
        &SERVICE.replace("name: reviews", "name: ratings"),
    );
    let found = server.published("access.yaml");
    assert_eq!(found[0]["code"], "M0203");
    server.tell(
        "textDocument/didClose",
        &json!({"textDocument": {"uri": server.uri("reviews.yaml")}}),
    );
    assert_eq!(server.published("access.yaml"), [] as [Value; 0]);
    server.end();
}

#[test]
fn a_file_that_is_renamed_on_disk_is_not_there_twice() {
    let capabilities =
        json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    let wrong = ACCESS.replace("service: reviews", "service: nobody");
    let files = [("mesh.yaml", MESH), ("a.yaml", wrong.as_str())];
    let mut server = Server::start_for(&files, &capabilities);
    let mut asked = server.next();
    while asked["method"] != "client/registerCapability" {
        let next = server.next();
        server.heard.push(std::mem::replace(&mut asked, next));
    }
    let registered = &asked["params"]["registrations"][0];
    assert_eq!(registered["method"], "workspace/didChangeWatchedFiles");
    server.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": null}));
    assert!(!server.published("a.yaml").is_empty());
    let directory = server.directory.path();
    std::fs::rename(directory.join("a.yaml"), directory.join("b.yaml")).unwrap();
    server.tell("workspace/didChangeWatchedFiles", &json!({"changes": []}));
    assert_eq!(server.published("a.yaml"), Vec::<Value>::new());
    assert!(!server.published("b.yaml").is_empty());
    server.end();
}

#[test]
fn hover_definition_completion_and_layout_are_answered() {
    let mut server = Server::start(&FILES);
    let hover = server.at("hover", "access.yaml", 5, 13);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("| timeout | `20s` | mesh.yaml:4 |"), "{text}");
    let place = server.at("definition", "access.yaml", 5, 13);
    assert_eq!(place["uri"], *server.uri("reviews.yaml"));
    assert_eq!(place["range"], range(2, 17, 24));
    let text = ACCESS.replace("  allow: [", "  sha\n  allow: [ ");
    server.open("access.yaml", &text);
    let found = server.at("completion", "access.yaml", 6, 5);
    let labels: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["label"])
        .collect();
    assert!(labels.contains(&&json!("shadow")), "{labels:?}");
    server.change(
        "access.yaml",
        &Value::Null,
        &ACCESS.replace("allow: [", "allow:  [ "),
    );
    let asked = json!({
        "textDocument": {"uri": server.uri("access.yaml")},
        "options": {"tabSize": 2, "insertSpaces": true},
    });
    let edits = server.ask("textDocument/formatting", &asked);
    assert_eq!(edits["result"][0]["newText"], ACCESS);
    server.end();
}

#[test]
fn nothing_that_is_sent_ends_the_server() {
    let mut server = Server::start(&FILES);
    server.raw("Content-Length: 5\r\n\r\n{oops");
    assert_eq!(server.next()["error"]["code"], -32700);
    server.raw("nonsense\r\n\r\nContent-Length: 2\r\n\r\n[]");
    let mut refused = server.next();
    while refused["error"].is_null() {
        refused = server.next();
    }
    assert_eq!(refused["error"]["code"], -32600);
    let answer = server.ask("textDocument/hover", &json!({"position": 3}));
    assert_eq!(answer["error"]["code"], -32602);
    let answer = server.ask("textDocument/unheardOf", &json!({}));
    assert_eq!(answer["error"]["code"], -32601);
    server.tell("textDocument/didChange", &json!("what"));
    server.tell("$/whatever", &Value::Null);
    server.send(&json!({"jsonrpc": "2.0", "id": 99, "result": null}));
    assert!(server.at("hover", "access.yaml", 99, 99).is_null());
    assert!(server.at("hover", "nowhere.yaml", 0, 0).is_null());
    server.end();
}

#[test]
fn who_does_not_introduce_itself_is_refused() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mesh"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let body = json!({"jsonrpc": "2.0", "id": "a", "method": "textDocument/hover", "params": {}})
        .to_string();
    let mut input = child.stdin.take().unwrap();
    write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    drop(input);
    let mut output = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)
        .unwrap();
    assert!(output.contains("-32002"), "{output}");
    assert!(
        !child.wait().unwrap().success(),
        "the editor went without `exit`"
    );
}
