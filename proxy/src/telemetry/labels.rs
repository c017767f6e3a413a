//! What series are told apart by, in the words of Istio's metrics.

/// The standard labels of Istio's families.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Labels {
    pub(super) tcp: bool,
    pub(super) reporter: &'static str,
    pub(super) source_workload: String,
    pub(super) source_namespace: String,
    pub(super) source_principal: String,
    pub(super) destination_principal: String,
    pub(super) destination_service: String,
    pub(super) destination_service_name: String,
    pub(super) destination_service_namespace: String,
    pub(super) destination_version: String,
    pub(super) request_protocol: &'static str,
    pub(super) response_code: u16,
    pub(super) response_flags: &'static str,
    pub(super) grpc_response_status: Option<u8>,
    pub(super) connection_security_policy: &'static str,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DecisionLabels {
    pub(super) outcome: &'static str,
    pub(super) kind: &'static str,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) rule: String,
}
