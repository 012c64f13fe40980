//! The CA's addresses: OCSP (RFC 6960 appendix A), CRLs and CA certificates (RFC 4387, RFC 5280 clause 4.2.2.1), trust
//! anchors, and a JSON API for enrolment and revocation.
//!
//! Nothing may be kept by a cache without asking again: caches have no part in the world's clock. Whoever asks again with the
//! entity tag is told by 304 that nothing changed ([`world::conditional`]).

mod enrolment;
mod ocsp;
mod problem;
mod repository;
mod revocation;

use axum::Extension;
use axum::middleware::{from_fn, map_response};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use crate::{Ca, Malformation};

/// What the operations stand under in the description.
const TAG: &str = "certification authority";

/// All addresses of the CA, absolute from the world's base, and their description.
pub fn router(ca: Ca) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(ocsp::post_request, ocsp::get_nothing).layer(from_fn(ocsp::if_up_to_date)))
        .routes(
            routes!(ocsp::post_request_after_slash, ocsp::get_nothing_after_slash).layer(from_fn(ocsp::if_up_to_date)),
        )
        .routes(routes!(ocsp::get_request).layer(from_fn(ocsp::if_up_to_date)))
        .routes(routes!(repository::crl).layer(map_response(repository::unkept_failure)))
        .routes(routes!(repository::authority_certificate).layer(map_response(repository::unkept_failure)))
        .routes(routes!(repository::anchors))
        .routes(routes!(repository::intermediates))
        .routes(routes!(enrolment::list, enrolment::enrol))
        .routes(routes!(enrolment::certificate))
        .routes(routes!(revocation::revoke))
        .routes(routes!(revocation::hold))
        .routes(routes!(revocation::release))
        .with_state(ca)
}

/// What the world's fault rules ask to be made wrong.
type Wrong = Option<Extension<world::fault::Malformation>>;

/// A name that is not one of ours asks for nothing.
fn malformation(wrong: Wrong) -> Option<Malformation> {
    wrong.and_then(|Extension(world::fault::Malformation(name))| name.parse().ok())
}
