//! The life of a server: what it knows, and what it does with each message.

use std::path::PathBuf;
use std::sync::Arc;

use lsp_types::{
    CompletionOptions, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, HoverProviderCapability, InitializeParams, InitializeResult, OneOf,
    PublishDiagnosticsParams, ServerCapabilities, ServerInfo, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use mesh_compiler::language::Language;
use mesh_compiler::{Compiler, Options, merged};
use serde_json::{Value, json};

use super::answer;
use super::files::{Files, file_of};
use super::findings::{ByFile, by_file};
use super::message::{Incoming, Refusal, answered, notification, refused};
use crate::exit::Exit;
use crate::intents::now;

/// A server from its first message to its last.
pub(super) struct Session {
    /// Below the folder that the editor has open.
    directory: PathBuf,
    /// Whether `shutdown` has been asked for.
    is_ending: bool,
    ready: Option<Ready>,
}

/// What is known once the editor has said which folder it has open.
pub(super) struct Ready {
    pub(super) files: Files,
    pub(super) language: Language,
    pub(super) findings: ByFile,
    compiler: Compiler,
    /// Whether something changed since it was compiled.
    is_stale: bool,
    /// Whether the editor tells of changes on disk where it is asked to.
    can_watch: bool,
}

/// Whether to go on.
pub(super) enum Next {
    Message,
    Exit(Exit),
}

impl Session {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            is_ending: false,
            ready: None,
        }
    }

    /// Takes a message; gives what is sent for it.
    pub(super) fn take(&mut self, text: &[u8]) -> (Vec<Value>, Next) {
        let incoming = match Incoming::parse(text) {
            Ok(Some(incoming)) => incoming,
            Ok(None) => return (vec![], Next::Message),
            Err(answer) => return (vec![answer], Next::Message),
        };
        if incoming.method == "exit" {
            let exit = if self.is_ending {
                Exit::Success
            } else {
                Exit::Findings
            };
            return (vec![], Next::Exit(exit));
        }
        let answers = match incoming.id.clone() {
            Some(id) => vec![self.request(&id, &incoming)],
            None => self.notice(&incoming),
        };
        (answers, Next::Message)
    }

    /// Compiles what has changed, when nothing else waits; gives the findings of files
    /// whose findings are others now.
    pub(super) fn settle(&mut self) -> Vec<Value> {
        self.ready.as_mut().map_or_else(Vec::new, Ready::settle)
    }

    fn request(&mut self, id: &Value, incoming: &Incoming) -> Value {
        let wrong = |error: String| refused(id, Refusal::WrongParameters, &error);
        match incoming.method.as_str() {
            "initialize" => match incoming.params() {
                Ok(params) => {
                    self.ready = Some(Ready::in_folder(&self.directory, &params));
                    answered(id, capabilities())
                }
                Err(error) => wrong(error),
            },
            "shutdown" => {
                self.is_ending = true;
                answered(id, Value::Null)
            }
            method => match &mut self.ready {
                None => refused(id, Refusal::NotInitialized, "`initialize` comes first"),
                Some(ready) => {
                    ready.refresh();
                    match answer::answer(ready, method, incoming) {
                        Some(Ok(result)) => answered(id, result),
                        Some(Err(error)) => wrong(error),
                        None => refused(id, Refusal::UnknownMethod, method),
                    }
                }
            },
        }
    }

    /// What nobody waits for; parameters that are none are passed over.
    fn notice(&mut self, incoming: &Incoming) -> Vec<Value> {
        let Some(ready) = &mut self.ready else {
            return vec![];
        };
        match incoming.method.as_str() {
            "initialized" if ready.can_watch => return vec![watch()],
            "textDocument/didOpen" => {
                if let Ok(DidOpenTextDocumentParams { text_document: it }) = incoming.params()
                    && let Some(path) = ready.files.path_of(&it.uri)
                {
                    ready.files.open(path, it.text);
                    ready.is_stale = true;
                }
            }
            "textDocument/didChange" => {
                if let Ok(DidChangeTextDocumentParams {
                    text_document: it,
                    content_changes,
                }) = incoming.params()
                    && let Some(path) = ready.files.path_of(&it.uri)
                {
                    ready.files.change(&path, content_changes);
                    ready.is_stale = true;
                }
            }
            "textDocument/didClose" => {
                if let Ok(DidCloseTextDocumentParams { text_document: it }) = incoming.params()
                    && let Some(path) = ready.files.path_of(&it.uri)
                {
                    ready.files.close(&path);
                    ready.files.reload();
                    ready.is_stale = true;
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                ready.files.reload();
                ready.is_stale = true;
            }
            _ => {}
        }
        vec![]
    }
}

impl Ready {
    fn in_folder(directory: &std::path::Path, params: &InitializeParams) -> Self {
        let folders = params.workspace_folders.iter().flatten();
        let mut folders: Vec<PathBuf> = folders.filter_map(|it| file_of(&it.uri)).collect();
        folders.extend(root(params).and_then(file_of));
        let inside: Vec<PathBuf> = folders.iter().map(|it| it.join(directory)).collect();
        // Of several folders, the one that has the directory.
        let there = inside.iter().find(|it| it.is_dir()).or(inside.first());
        let directory = there.map_or_else(|| directory.to_owned(), Clone::clone);
        let workspace = params.capabilities.workspace.as_ref();
        let watching = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let can_watch = watching.and_then(|it| it.dynamic_registration);
        Self {
            files: Files::of(&directory),
            language: Language::default(),
            findings: ByFile::new(),
            compiler: Compiler::new(Options::at(now())),
            is_stale: true,
            can_watch: can_watch.unwrap_or_default(),
        }
    }

    /// Gives the language the files as they are, without compiling them.
    fn refresh(&mut self) {
        if self.is_stale {
            self.language.update(&self.files.set());
        }
    }

    fn settle(&mut self) -> Vec<Value> {
        if !std::mem::take(&mut self.is_stale) {
            return vec![];
        }
        let set = self.files.set();
        self.language.update(&set);
        self.compiler.options.now = now();
        let each = self.compiler.compile_each(&set);
        let found = each.iter();
        let found = merged(found.map(|it| (it.environment.as_ref(), &it.diagnostics[..])));
        let Some(first) = each.first() else {
            return vec![];
        };
        let after = by_file(&found, &first.sources, &self.files);
        let before = std::mem::replace(&mut self.findings, after);
        let mut paths: Vec<&Arc<str>> = before.keys().chain(self.findings.keys()).collect();
        paths.sort();
        paths.dedup();
        let changed = paths
            .into_iter()
            .filter(|it| before.get(*it) != self.findings.get(*it));
        changed.filter_map(|path| self.published(path)).collect()
    }

    fn published(&self, path: &str) -> Option<Value> {
        let found = self.findings.get(path).into_iter().flatten();
        let params = PublishDiagnosticsParams {
            uri: self.files.uri_of(path)?,
            diagnostics: found.map(|it| it.diagnostic.clone()).collect(),
            version: None,
        };
        Some(notification("textDocument/publishDiagnostics", params))
    }
}

#[expect(deprecated, reason = "older editors say `rootUri` alone")]
fn root(params: &InitializeParams) -> Option<&Uri> {
    params.root_uri.as_ref()
}

/// Asks to be told of files that change on disk: another branch, a rename.
fn watch() -> Value {
    let watchers = json!([{"globPattern": "**/*.{yaml,yml}"}]);
    let registration = json!({
        "id": "intents",
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": watchers},
    });
    let params = json!({"registrations": [registration]});
    json!({"jsonrpc": "2.0", "id": "watch", "method": "client/registerCapability", "params": params})
}

fn capabilities() -> InitializeResult {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..TextDocumentSyncOptions::default()
    };
    let typed = [" ", "[", "{", ",", ":", "-"];
    InitializeResult {
        capabilities: ServerCapabilities {
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            definition_provider: Some(OneOf::Left(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(typed.map(str::to_owned).to_vec()),
                ..CompletionOptions::default()
            }),
            code_action_provider: Some(true.into()),
            document_formatting_provider: Some(OneOf::Left(true)),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: "mesh".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_folders_the_one_with_the_intents_is_read() {
        let (other, with) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(with.path().join("policies")).unwrap();
        let folder = |it: &tempfile::TempDir| json!({"uri": format!("file://{}", it.path().display()), "name": "x"});
        let params =
            json!({"capabilities": {}, "workspaceFolders": [folder(&other), folder(&with)]});
        let params = serde_json::from_value(params).unwrap();
        let ready = Ready::in_folder(std::path::Path::new("policies"), &params);
        let root = std::fs::canonicalize(with.path()).unwrap();
        let expected = format!("file://{}/policies/a.yaml", root.display());
        assert_eq!(ready.files.uri_of("a.yaml").unwrap().as_str(), expected);
    }
}
