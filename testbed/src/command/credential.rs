//! Which credential `--algorithm` means: that of the world's plan which seals with such a key.

use anyhow::{Result, bail};
use laboratory::api::PlanOfWorld;
use laboratory::plan::{CredentialPlan, CredentialProfile, WorldPlan};
use pki::KeyKind;

use crate::host::Host;
use crate::invalid::Invalid;

/// The id of the first credential that seals with a key of that kind; of one of the organization's own if it has one.
pub(super) async fn that_seals_with(host: &Host, kind: KeyKind, organization: Option<&str>) -> Result<String> {
    let PlanOfWorld { plan, world } = host.get("/testbed/api/plan").await?;
    let plan = WorldPlan::of_world(&plan)?;
    let seals: Vec<&CredentialPlan> =
        plan.credentials.iter().filter(|one| one.profile == CredentialProfile::Seal).collect();
    let of_kind = || seals.iter().filter(|one| one.algorithm.kind == kind);
    let own = plan.organization(organization).map(|organization| organization.id.as_str());
    let names_it = |one: &&&CredentialPlan| {
        plan.organization(one.organization.as_deref()).map(|organization| organization.id.as_str()) == own
    };
    if let Some(found) = of_kind().find(names_it).or(of_kind().next()) {
        return Ok(found.id.clone());
    }
    let mut there: Vec<String> = seals.iter().map(|one| one.algorithm.kind.to_string()).collect();
    there.sort();
    there.dedup();
    let problem = format!(
        "no credential of the world {world} seals with a {kind} key: there are {}; another is planned with the world \
         (eseal world new NAME --plan FILE)",
        there.join(", ")
    );
    bail!(Invalid::new("--algorithm", problem))
}
