use std::time::Duration;

use mesh_ir::{HealthCheck, HealthProbe, OutlierDetection, Percent};

use crate::resolve::health_port;
use crate::syntax::ast;

/// What the proxy asks its own application; `None` where it is not clear on which port.
pub(super) fn check(service: &ast::Service, written: &ast::Health) -> Option<HealthCheck> {
    let ast::Health {
        port: _,
        probe,
        interval,
        timeout,
        healthy_after,
        unhealthy_after,
        span: _,
    } = written;
    Some(HealthCheck {
        port: health_port(service, written)?.name.value.clone(),
        probe: match probe {
            ast::Probe::Http(path) => HealthProbe::Http(path.value.to_string()),
            ast::Probe::Grpc(service) if service.value.is_empty() => HealthProbe::Grpc(None),
            ast::Probe::Grpc(service) => HealthProbe::Grpc(Some(service.value.clone())),
            ast::Probe::Tcp(_) => HealthProbe::Tcp,
        },
        interval: interval.map_or(Duration::from_secs(5), |it| it.value),
        timeout: timeout.map_or(Duration::from_secs(1), |it| it.value),
        healthy_after: healthy_after.map_or(2, |it| it.value),
        unhealthy_after: unhealthy_after.map_or(3, |it| it.value),
    })
}

/// When an endpoint that answers badly is left out.
pub(super) fn outlier(written: &ast::OutlierDetection) -> OutlierDetection {
    let ast::OutlierDetection {
        consecutive5xx,
        gateway_errors,
        local_errors,
        success_rate,
        interval,
        base_ejection,
        max_ejected,
        span: _,
    } = written;
    OutlierDetection {
        consecutive_5xx: consecutive5xx.map(|it| it.value),
        gateway_errors: gateway_errors.map(|it| it.value),
        local_errors: local_errors.map(|it| it.value),
        success_rate: success_rate.map(|it| it.value),
        interval: interval.map_or(Duration::from_secs(10), |it| it.value),
        base_ejection: base_ejection.map_or(Duration::from_secs(30), |it| it.value),
        max_ejected: max_ejected.map_or(Percent(50_000), |it| it.value),
    }
}
