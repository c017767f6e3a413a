use std::io;

use rustls::{AlertDescription, Error};

/// The class of a failed inbound handshake, for its counter.
pub(crate) fn handshake_failure(error: &io::Error) -> &'static str {
    let cause = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    match (cause, error.kind()) {
        (Some(Error::InvalidCertificate(_)), _) => "certificate",
        (Some(Error::NoCertificatesPresented), _) => "no-certificate",
        (Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol), _) => "incompatible",
        (Some(Error::AlertReceived(alert)), _) => refused_by_peer(*alert),
        (Some(Error::InvalidMessage(_) | Error::InappropriateMessage { .. }), _) => "not-tls",
        (Some(_), _) => "protocol",
        (None, io::ErrorKind::TimedOut) => "timeout",
        (None, _) => "closed",
    }
}

/// The caller did not like us, or gave up.
fn refused_by_peer(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CloseNotify | AlertDescription::UserCanceled => "closed",
        _ => "refused-by-caller",
    }
}
