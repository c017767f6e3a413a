use mesh_ir::{
    AbortWith, Backend, BackendTarget, Fault, FaultAbort, FaultDelay, Forward, Mirror, Percent,
};

use super::names::name;
use super::{Wire, decode_all, encode_all, narrow, optional, required};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Forward {
    type Ir = Forward;

    fn encode(ir: &Forward) -> Self {
        let Forward {
            backends,
            split_by,
            rewrite,
            request_headers,
            response_headers,
            timeout,
            per_try_timeout,
            retries,
            fallback,
            mirror,
            fault,
        } = ir;
        Self {
            backends: encode_all(backends),
            split_by: encode_all(split_by),
            rewrite: rewrite.as_ref().map(Wire::encode),
            request_headers: Some(Wire::encode(request_headers)),
            response_headers: Some(Wire::encode(response_headers)),
            timeout: timeout.as_ref().map(Wire::encode),
            per_try_timeout: per_try_timeout.as_ref().map(Wire::encode),
            retries: Some(Wire::encode(retries)),
            fallback: encode_all(fallback),
            mirror: encode_all(mirror),
            fault: fault.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<Forward, InvalidMember> {
        let Self {
            backends,
            split_by,
            rewrite,
            request_headers,
            response_headers,
            timeout,
            per_try_timeout,
            retries,
            fallback,
            mirror,
            fault,
        } = self;
        Ok(Forward {
            backends: decode_all(backends)?,
            split_by: decode_all(split_by)?,
            rewrite: optional(rewrite)?,
            request_headers: required(request_headers, "Forward.request_headers")?,
            response_headers: required(response_headers, "Forward.response_headers")?,
            timeout: optional(timeout)?,
            per_try_timeout: optional(per_try_timeout)?,
            retries: required(retries, "Forward.retries")?,
            fallback: decode_all(fallback)?,
            mirror: decode_all(mirror)?,
            fault: optional(fault)?,
        })
    }
}

impl Wire for proto::Backend {
    type Ir = Backend;

    fn encode(ir: &Backend) -> Self {
        let Backend {
            target,
            weight,
            request_headers,
            response_headers,
            origin,
        } = ir;
        Self {
            target: Some(Wire::encode(target)),
            weight: *weight,
            request_headers: Some(Wire::encode(request_headers)),
            response_headers: Some(Wire::encode(response_headers)),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Backend, InvalidMember> {
        let Self {
            target,
            weight,
            request_headers,
            response_headers,
            origin,
        } = self;
        Ok(Backend {
            target: required(target, "Backend.target")?,
            weight,
            request_headers: required(request_headers, "Backend.request_headers")?,
            response_headers: required(response_headers, "Backend.response_headers")?,
            origin: required(origin, "Backend.origin")?,
        })
    }
}

impl Wire for proto::BackendTarget {
    type Ir = BackendTarget;

    fn encode(ir: &BackendTarget) -> Self {
        use proto::backend_target::Target as Message;
        let other = |service, port: &mesh_ir::Name| proto::OtherService {
            service: Some(Wire::encode(service)),
            port: port.to_string(),
        };
        Self {
            target: Some(match ir {
                BackendTarget::Service => Message::Service(proto::Nothing {}),
                BackendTarget::Version(version) => Message::Version(version.to_string()),
                BackendTarget::Other { service, port } => Message::Other(other(service, port)),
                BackendTarget::External { service, port } => {
                    Message::External(other(service, port))
                }
            }),
        }
    }

    fn decode(self) -> Result<BackendTarget, InvalidMember> {
        use proto::backend_target::Target as Message;
        let Self { target } = self;
        Ok(
            match target.ok_or(InvalidMember::Missing("BackendTarget.target"))? {
                Message::Service(proto::Nothing {}) => BackendTarget::Service,
                Message::Version(it) => BackendTarget::Version(name("BackendTarget.version", &it)?),
                Message::Other(proto::OtherService { service, port }) => BackendTarget::Other {
                    service: required(service, "OtherService.service")?,
                    port: name("OtherService.port", &port)?,
                },
                Message::External(proto::OtherService { service, port }) => {
                    BackendTarget::External {
                        service: required(service, "OtherService.service")?,
                        port: name("OtherService.port", &port)?,
                    }
                }
            },
        )
    }
}

impl Wire for proto::Mirror {
    type Ir = Mirror;

    fn encode(ir: &Mirror) -> Self {
        let Mirror {
            target,
            percent,
            origin,
        } = ir;
        Self {
            target: Some(Wire::encode(target)),
            percent: percent.0,
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Mirror, InvalidMember> {
        let Self {
            target,
            percent,
            origin,
        } = self;
        Ok(Mirror {
            target: required(target, "Mirror.target")?,
            percent: Percent(percent),
            origin: required(origin, "Mirror.origin")?,
        })
    }
}

impl Wire for proto::Fault {
    type Ir = Fault;

    fn encode(ir: &Fault) -> Self {
        let Fault { delay, abort } = ir;
        Self {
            delay: delay.as_ref().map(Wire::encode),
            abort: abort.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<Fault, InvalidMember> {
        let Self { delay, abort } = self;
        Ok(Fault {
            delay: optional(delay)?,
            abort: optional(abort)?,
        })
    }
}

impl Wire for proto::FaultDelay {
    type Ir = FaultDelay;

    fn encode(ir: &FaultDelay) -> Self {
        let FaultDelay { length, percent } = ir;
        Self {
            length: Some(Wire::encode(length)),
            percent: percent.0,
        }
    }

    fn decode(self) -> Result<FaultDelay, InvalidMember> {
        let Self { length, percent } = self;
        Ok(FaultDelay {
            length: required(length, "FaultDelay.length")?,
            percent: Percent(percent),
        })
    }
}

impl Wire for proto::FaultAbort {
    type Ir = FaultAbort;

    fn encode(ir: &FaultAbort) -> Self {
        use proto::fault_abort::With;
        let FaultAbort { with, percent } = ir;
        Self {
            with: Some(match with {
                AbortWith::Status(status) => With::Status((*status).into()),
                AbortWith::Grpc(status) => With::Grpc((*status).into()),
            }),
            percent: percent.0,
        }
    }

    fn decode(self) -> Result<FaultAbort, InvalidMember> {
        use proto::fault_abort::With;
        let Self { with, percent } = self;
        Ok(FaultAbort {
            with: match with.ok_or(InvalidMember::Missing("FaultAbort.with"))? {
                With::Status(status) => AbortWith::Status(narrow("FaultAbort.status", status)?),
                With::Grpc(status) => AbortWith::Grpc(narrow("FaultAbort.grpc", status)?),
            },
            percent: Percent(percent),
        })
    }
}
