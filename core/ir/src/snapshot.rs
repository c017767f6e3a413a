use crate::{
    Access, ExternalService, Gateway, Member, RateLimit, Role, Route, Service, Settings, Telemetry,
    TokenIssuer,
};

/// One proxy's closed view of a commit. Lists are sorted by namespace and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// From `Mesh`.
    pub settings: Settings,
    /// Whose view this is.
    pub role: Role,
    /// Services that the role serves or calls.
    pub services: Vec<Service>,
    /// Routes of what it calls, and of the gateways that it is.
    pub routes: Vec<Route>,
    /// Access to what it enforces: services served, gateways, external services called.
    pub access: Vec<Access>,
    /// Limits of what it enforces.
    pub limits: Vec<RateLimit>,
    /// Issuers that something in view names.
    pub issuers: Vec<TokenIssuer>,
    /// The gateways that it is, and those that it leaves through.
    pub gateways: Vec<Gateway>,
    /// External services called.
    pub externals: Vec<ExternalService>,
    /// What is written down about what is in view.
    pub telemetry: Vec<Telemetry>,
}

/// Why members do not make a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteSnapshot {
    /// No settings.
    #[error("the bundle has no mesh settings")]
    NoSettings,
    /// No role.
    #[error("the bundle has no role")]
    NoRole,
}

impl Snapshot {
    /// The members that make up this view, in the order in which they are sent.
    pub fn into_members(self) -> Vec<Member> {
        let Self {
            settings,
            role,
            services,
            routes,
            access,
            limits,
            issuers,
            gateways,
            externals,
            telemetry,
        } = self;
        let mut members = vec![Member::Settings(settings), Member::Role(role)];
        members.extend(services.into_iter().map(Member::Service));
        members.extend(routes.into_iter().map(Member::Route));
        members.extend(access.into_iter().map(Member::Access));
        members.extend(limits.into_iter().map(Member::RateLimit));
        members.extend(issuers.into_iter().map(Member::TokenIssuer));
        members.extend(gateways.into_iter().map(Member::Gateway));
        members.extend(externals.into_iter().map(Member::ExternalService));
        members.extend(telemetry.into_iter().map(Member::Telemetry));
        members
    }

    /// The inverse of [`Self::into_members`], for members in any order.
    pub fn from_members(
        members: impl IntoIterator<Item = Member>,
    ) -> Result<Self, IncompleteSnapshot> {
        let (mut settings, mut role) = (None, None);
        let (mut services, mut routes, mut access, mut limits) = (vec![], vec![], vec![], vec![]);
        let (mut issuers, mut gateways) = (vec![], vec![]);
        let (mut externals, mut telemetry) = (vec![], vec![]);
        for member in members {
            match member {
                Member::Settings(it) => settings = Some(it),
                Member::Role(it) => role = Some(it),
                Member::Service(it) => services.push(it),
                Member::Route(it) => routes.push(it),
                Member::Access(it) => access.push(it),
                Member::RateLimit(it) => limits.push(it),
                Member::TokenIssuer(it) => issuers.push(it),
                Member::Gateway(it) => gateways.push(it),
                Member::ExternalService(it) => externals.push(it),
                Member::Telemetry(it) => telemetry.push(it),
            }
        }
        services.sort_by(|a, b| a.id.cmp(&b.id));
        routes.sort_by(|a, b| a.id.cmp(&b.id));
        access.sort_by(|a, b| a.id.cmp(&b.id));
        limits.sort_by(|a, b| a.id.cmp(&b.id));
        issuers.sort_by(|a, b| a.id.cmp(&b.id));
        gateways.sort_by(|a, b| a.id.cmp(&b.id));
        externals.sort_by(|a, b| a.id.cmp(&b.id));
        telemetry.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self {
            settings: settings.ok_or(IncompleteSnapshot::NoSettings)?,
            role: role.ok_or(IncompleteSnapshot::NoRole)?,
            services,
            routes,
            access,
            limits,
            issuers,
            gateways,
            externals,
            telemetry,
        })
    }
}
