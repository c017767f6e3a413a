//! JSON-RPC 2.0: what comes in, and what is answered.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A request or a notification.
#[derive(Debug)]
pub(super) struct Incoming {
    /// `None`: nobody waits for an answer.
    pub(super) id: Option<Value>,
    pub(super) method: String,
    params: Value,
}

/// Why a request is not answered as it wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotJson = -32700,
    NoRequest = -32600,
    UnknownMethod = -32601,
    WrongParameters = -32602,
    NotInitialized = -32002,
}

impl Incoming {
    /// The error is the answer to it; `None` where there is nothing to answer.
    pub(super) fn parse(text: &[u8]) -> Result<Option<Self>, Value> {
        let value: Value = serde_json::from_slice(text)
            .map_err(|error| refused(&Value::Null, Refusal::NotJson, &error.to_string()))?;
        let Value::Object(mut fields) = value else {
            return Err(refused(&Value::Null, Refusal::NoRequest, "not an object"));
        };
        let id = fields.remove("id");
        let params = fields.remove("params").unwrap_or_default();
        match fields.remove("method") {
            Some(Value::String(method)) => Ok(Some(Self { id, method, params })),
            // The answer to something that was asked: nobody waits for it.
            None if fields.contains_key("result") || fields.contains_key("error") => Ok(None),
            _ => {
                let id = id.unwrap_or_default();
                Err(refused(&id, Refusal::NoRequest, "no method"))
            }
        }
    }

    /// Its parameters, if they are what the method takes.
    pub(super) fn params<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_value(self.params.clone()).map_err(|error| error.to_string())
    }
}

/// The answer to a request.
pub(super) fn answered(id: &Value, result: impl Serialize) -> Value {
    match serde_json::to_value(result) {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(error) => refused(id, Refusal::NoRequest, &error.to_string()),
    }
}

/// The answer to a request that cannot be answered.
pub(super) fn refused(id: &Value, why: Refusal, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": why as i32, "message": message}})
}

/// The answer to a message that was too large to be read.
pub(super) fn refused_unread() -> Value {
    refused(&Value::Null, Refusal::NoRequest, "the message is too large")
}

/// Something that the editor is told.
pub(super) fn notification(method: &str, params: impl Serialize) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": serde_json::to_value(params).unwrap_or_default()})
}
