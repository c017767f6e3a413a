//! Answers to what an editor asks about a document.

use std::collections::HashMap;
use std::sync::Arc;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CompletionItem, CompletionItemKind,
    CompletionParams, DocumentFormattingParams, GotoDefinitionParams, Hover, HoverContents,
    HoverParams, Location, MarkupContent, MarkupKind, Range, TextDocumentPositionParams, TextEdit,
    Uri, WorkspaceEdit,
};
use mesh_compiler::language::{self, SuggestionKind, TextPosition, byte_of};
use mesh_compiler::{FileId, SourceFile, format};
use serde::Serialize;
use serde_json::Value;

use super::findings::position;
use super::message::Incoming;
use super::session::Ready;

/// The answer to a request; the error says what is wrong with its parameters. `None` for a
/// method that is not spoken.
pub(super) fn answer(
    ready: &Ready,
    method: &str,
    incoming: &Incoming,
) -> Option<Result<Value, String>> {
    Some(match method {
        "textDocument/hover" => incoming.params().map(|it| value(hover(ready, &it))),
        "textDocument/definition" => incoming.params().map(|it| value(definition(ready, &it))),
        "textDocument/completion" => incoming.params().map(|it| value(completion(ready, &it))),
        "textDocument/codeAction" => incoming.params().map(|it| value(actions(ready, &it))),
        "textDocument/formatting" => incoming.params().map(|it| value(formatting(ready, &it))),
        _ => return None,
    })
}

fn value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

/// The file, its text and the byte that a question is about.
fn place<'r>(
    ready: &'r Ready,
    at: &TextDocumentPositionParams,
) -> Option<(Arc<str>, &'r str, usize)> {
    let path = ready.files.path_of(&at.text_document.uri)?;
    let text = ready.files.text(&path)?;
    let at = TextPosition {
        line: at.position.line,
        unit: at.position.character,
    };
    Some((path, text, byte_of(text, at)))
}

fn hover(ready: &Ready, params: &HoverParams) -> Option<Hover> {
    let (path, text, byte) = place(ready, &params.text_document_position_params)?;
    let found = ready.language.hover(&path, byte)?;
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: found.text,
        }),
        range: Some(Range {
            start: position(text, found.at.start),
            end: position(text, found.at.end),
        }),
    })
}

fn definition(ready: &Ready, params: &GotoDefinitionParams) -> Option<Location> {
    let (path, _, byte) = place(ready, &params.text_document_position_params)?;
    let language::Location { path, start, end } = ready.language.definition(&path, byte)?;
    let text = ready.files.text(&path)?;
    Some(Location {
        uri: ready.files.uri_of(&path)?,
        range: Range {
            start: position(text, start),
            end: position(text, end),
        },
    })
}

fn completion(ready: &Ready, params: &CompletionParams) -> Vec<CompletionItem> {
    let Some((path, text, byte)) = place(ready, &params.text_document_position) else {
        return vec![];
    };
    // What has been typed of the word is replaced, dots and dashes included, whatever the
    // editor takes for a word.
    let typed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '$');
    let start = text[..byte].trim_end_matches(typed).len();
    let range = Range {
        start: position(text, start),
        end: position(text, byte),
    };
    let found = ready.language.complete(&path, byte).into_iter().enumerate();
    found
        .map(|(index, it)| CompletionItem {
            kind: Some(match it.kind {
                SuggestionKind::Field => CompletionItemKind::FIELD,
                SuggestionKind::Word => CompletionItemKind::KEYWORD,
                SuggestionKind::Name => CompletionItemKind::REFERENCE,
            }),
            detail: (!it.detail.is_empty()).then_some(it.detail),
            // Editors sort by this: our order is that of the language.
            sort_text: Some(format!("{index:04}")),
            text_edit: Some(TextEdit::new(range, it.insert).into()),
            label: it.label,
            ..CompletionItem::default()
        })
        .collect()
}

/// One action for each finding in the range that can be fixed.
fn actions(ready: &Ready, params: &CodeActionParams) -> Vec<CodeAction> {
    let uri = &params.text_document.uri;
    let Some(path) = ready.files.path_of(uri) else {
        return vec![];
    };
    let Some(text) = ready.files.text(&path) else {
        return vec![];
    };
    let asked = params.range;
    let touches = |it: Range| it.start <= asked.end && asked.start <= it.end;
    let found = ready.findings.get(&path).into_iter().flatten();
    let found = found.filter(|it| touches(it.diagnostic.range));
    found
        .filter_map(|finding| {
            let fix = finding.fix.as_ref()?;
            let old = text.get(fix.start..fix.end)?;
            let title = match fix.text.as_str() {
                "" => format!("remove `{}`", old.trim().trim_matches(',').trim()),
                new => format!("write `{new}`"),
            };
            let range = Range {
                start: position(text, fix.start),
                end: position(text, fix.end),
            };
            Some(CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![finding.diagnostic.clone()]),
                edit: Some(edit(uri, TextEdit::new(range, fix.text.clone()))),
                is_preferred: Some(true),
                ..CodeAction::default()
            })
        })
        .collect()
}

fn edit(uri: &Uri, edit: TextEdit) -> WorkspaceEdit {
    WorkspaceEdit {
        changes: Some(HashMap::from([(uri.clone(), vec![edit])])),
        ..WorkspaceEdit::default()
    }
}

/// The whole text in its layout; `None` where it is no YAML, nothing where it is as it
/// should be.
fn formatting(ready: &Ready, params: &DocumentFormattingParams) -> Option<Vec<TextEdit>> {
    let path = ready.files.path_of(&params.text_document.uri)?;
    let text = ready.files.text(&path)?;
    let formatted = format(FileId(0), &SourceFile::new(path, text.as_bytes())).ok()?;
    if formatted == text {
        return Some(vec![]);
    }
    let range = Range {
        start: position(text, 0),
        end: position(text, text.len()),
    };
    Some(vec![TextEdit::new(range, formatted)])
}
