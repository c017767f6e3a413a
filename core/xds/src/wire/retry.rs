use mesh_ir::{Backoff, Percent, RetryOn, RetryPolicy};

use super::{Wire, decode_all, encode_all, narrow, required, unknown};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::RetryPolicy {
    type Ir = RetryPolicy;

    fn encode(ir: &RetryPolicy) -> Self {
        let RetryPolicy {
            attempts,
            on,
            idempotent,
            backoff: Backoff { base, max },
            budget,
        } = ir;
        Self {
            attempts: *attempts,
            on: encode_all(on),
            idempotent: *idempotent,
            backoff_base: Some(Wire::encode(base)),
            backoff_max: Some(Wire::encode(max)),
            budget: budget.0,
        }
    }

    fn decode(self) -> Result<RetryPolicy, InvalidMember> {
        let Self {
            attempts,
            on,
            idempotent,
            backoff_base,
            backoff_max,
            budget,
        } = self;
        Ok(RetryPolicy {
            attempts,
            on: decode_all(on)?,
            idempotent,
            backoff: Backoff {
                base: required(backoff_base, "RetryPolicy.backoff_base")?,
                max: required(backoff_max, "RetryPolicy.backoff_max")?,
            },
            budget: Percent(budget),
        })
    }
}

impl Wire for proto::RetryOn {
    type Ir = RetryOn;

    fn encode(ir: &RetryOn) -> Self {
        use proto::RetryCondition as Condition;
        use proto::retry_on::On;
        let condition = |it: Condition| On::Condition(it.into());
        Self {
            on: Some(match ir {
                RetryOn::ConnectFailure => condition(Condition::ConnectFailure),
                RetryOn::RefusedStream => condition(Condition::RefusedStream),
                RetryOn::ResetBeforeRequest => condition(Condition::ResetBeforeRequest),
                RetryOn::Reset => condition(Condition::Reset),
                RetryOn::ServerError => condition(Condition::ServerError),
                RetryOn::GatewayError => condition(Condition::GatewayError),
                RetryOn::RetriableClientError => condition(Condition::RetriableClientError),
                RetryOn::Status(status) => On::Status((*status).into()),
                RetryOn::Grpc(status) => On::Grpc((*status).into()),
            }),
        }
    }

    fn decode(self) -> Result<RetryOn, InvalidMember> {
        use proto::RetryCondition as Condition;
        use proto::retry_on::On;
        Ok(match self.on.ok_or(InvalidMember::Missing("RetryOn.on"))? {
            On::Status(status) => RetryOn::Status(narrow("RetryOn.status", status)?),
            On::Grpc(status) => RetryOn::Grpc(narrow("RetryOn.grpc", status)?),
            On::Condition(value) => match Condition::try_from(value) {
                Ok(Condition::ConnectFailure) => RetryOn::ConnectFailure,
                Ok(Condition::RefusedStream) => RetryOn::RefusedStream,
                Ok(Condition::ResetBeforeRequest) => RetryOn::ResetBeforeRequest,
                Ok(Condition::Reset) => RetryOn::Reset,
                Ok(Condition::ServerError) => RetryOn::ServerError,
                Ok(Condition::GatewayError) => RetryOn::GatewayError,
                Ok(Condition::RetriableClientError) => RetryOn::RetriableClientError,
                Ok(Condition::Unspecified) | Err(_) => {
                    return Err(unknown("RetryOn.condition", value));
                }
            },
        })
    }
}
