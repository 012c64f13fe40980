//! The description of every address of a world (OpenAPI 3.1), put together from what the services say of themselves.
//!
//! What is for people is not described: the pages `/`, `/verify` and `/c/NUMBER`.

use axum::Router;
use jiff::Timestamp;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Server};
use world::World;

use crate::plan::WorldPlan;
use crate::{Error, Laboratory};

const TITLE: &str = "e-seal testbed";

/// What the document says of itself.
const DESCRIPTION: &str = "A certification authority, a time-stamping authority, a key server, an issuer and a verifier for \
    electronic seals, in one world with a clock that can be moved. For development, tests and teaching; never for production.";

/// The groups of operations, in the order in which a certificate meets them.
const TAGS: [(&str, &str); 7] = [
    ("issuer", "Learning certificates, sealed documents, badges"),
    ("key server", "Signatures over digests, in the dialects of the key server"),
    ("time-stamping authority", "Time-stamps, RFC 3161"),
    ("certification authority", "Certificates, and what is known of them: CRLs, OCSP answers"),
    ("verifier", "Verdicts, ETSI EN 319 102-1"),
    ("laboratory", "The world itself: its clock, journal, audit chain and health"),
    ("worlds", "The worlds of the server: at its root only"),
];

/// The description of a world whose address is `base`. None that is there is opened for it.
///
/// # Errors
/// If the world in memory that is asked for it cannot be made.
pub async fn openapi(base: &str) -> Result<OpenApi, Error> {
    let world = World::in_memory(base, Timestamp::UNIX_EPOCH).await?;
    let plan = WorldPlan::default().with_credentials(&[], false);
    let laboratory = Laboratory::open_for_story(&world, plan, |_| Router::new()).await?;
    Ok(laboratory.document(&world.base))
}

/// A document without operations.
pub(crate) fn outline(base: &str) -> OpenApi {
    let license = LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).identifier(Some(env!("CARGO_PKG_LICENSE")));
    let info = InfoBuilder::new()
        .title(TITLE)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license.build()));
    let tags = TAGS.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new().info(info.build()).servers(Some([Server::new(base)])).tags(Some(tags)).build()
}

/// Whether both have a schema of one name that differs: merged, the later one would be lost without a word.
pub(crate) fn contradicts(document: &OpenApi, other: &OpenApi) -> bool {
    let schemas =
        |of: &OpenApi| of.components.as_ref().map(|components| components.schemas.clone()).unwrap_or_default();
    let known = schemas(document);
    schemas(other).iter().any(|(name, schema)| known.get(name).is_some_and(|same| same != schema))
}

/// A document with all operations, and with what holds for each of them. The server's own are at its root, wherever the world is.
pub(crate) fn finished(mut document: OpenApi, of_server: OpenApi, base: &str) -> OpenApi {
    let root = base.split_once("/w/").map_or(base, |(root, _)| root);
    for (path, mut item) in of_server.paths.paths {
        item.servers = Some(vec![Server::new(root)]);
        document.paths.paths.insert(path, item);
    }
    if let Some(components) = of_server.components {
        document.components.get_or_insert_default().schemas.extend(components.schemas);
    }
    world::openapi::complete(&mut document);
    document
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::{ComponentsBuilder, ObjectBuilder};

    use super::*;

    #[test]
    fn two_schemas_of_one_name_contradict_each_other_and_one_schema_twice_does_not() {
        let with = |description: &str| {
            let schema = ObjectBuilder::new().description(Some(description)).build();
            let components = ComponentsBuilder::new().schema("Entry", schema).build();
            OpenApiBuilder::new().components(Some(components)).build()
        };
        assert!(contradicts(&with("of the key server"), &with("of the authority")));
        assert!(!contradicts(&with("of the key server"), &with("of the key server")));
    }
}
