//! Plain pages for people, in Japanese or English: what is there (`/`), the public page of a certificate (`/c/NUMBER`), all of them
//! (`/certificates`), what is on record of one and what can be done with it (`/certificates/NUMBER`), what the key server was sent for one (`/crossings`), a registrar's file, tried and then issued (`/registers`), how far
//! that is (`/batches`), what certificates are printed by (`/templates`), the verification of a PDF that is chosen or dropped
//! (`/verify`), and, if strangers reach the server, where they show what it takes
//! (`/join`). A folder a page: its template and its texts lie beside its code.
//!
//! The language is `?lang=ja` or `?lang=en`, else what the browser prefers; the links that switch it stay on the page, also on a
//! verdict. Errors are pages too, for whoever asks for pages.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::body::{Body, to_bytes};
//! use axum::http::Request;
//! use laboratory::Laboratory;
//! use tower::ServiceExt as _;
//! use world::World;
//!
//! let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
//! let laboratory = Laboratory::open(&world, pki::KeyKind::P256, console::router).await?;
//! let page = laboratory.services.oneshot(Request::get("/verify?lang=en").body(Body::empty())?).await?;
//! let page = to_bytes(page.into_body(), usize::MAX).await?;
//! assert!(String::from_utf8_lossy(&page).contains("Choose a PDF, or drop it here"));
//! # Ok(())
//! # }
//! ```

mod batch;
mod batches;
mod certificate;
mod certificates;
mod choice;
mod crossings;
mod form;
mod frame;
mod home;
mod join;
mod limit;
mod preference;
mod problem;
mod query;
mod record;
mod refusal;
mod registers;
mod results;
mod shelf;
mod switch;
mod templates;
#[cfg(test)]
mod tests;
mod texts;
mod verdict;
mod verify;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use laboratory::Laboratory;
use laboratory::worlds::Worlds;

use crate::registers::Registers;
use crate::results::Results;
pub use crate::verdict::report;

/// The pages of each world of a server. A verdict's page is there also when the world was closed and opened again meanwhile.
pub fn pages() -> impl Fn(&Laboratory) -> Router + Send + Sync {
    let kept: Mutex<HashMap<String, Kept>> = Mutex::default();
    move |laboratory| {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        with_kept(laboratory, kept.entry(laboratory.world.name.clone()).or_default().clone())
    }
}

/// The pages of one world.
pub fn router(laboratory: &Laboratory) -> Router {
    with_kept(laboratory, Kept::default())
}

fn with_kept(laboratory: &Laboratory, kept: Kept) -> Router {
    let pages = Pages { laboratory: laboratory.clone(), kept };
    Router::new()
        .route("/", get(home::home))
        .route("/batches", get(batches::batches))
        .route("/batches/{id}", get(batch::batch).post(batch::act))
        .route("/join", get(join::join).post(join::enter))
        .route("/c/{number}", get(certificate::certificate))
        .route("/certificates", get(certificates::certificates))
        .route("/certificates/{number}", get(record::record).post(record::act))
        .route("/crossings", get(crossings::crossings))
        .route("/registers", get(registers::registers).post(registers::receive))
        .route("/registers/{id}", get(registers::trial).post(registers::issue))
        .route("/templates", get(templates::templates))
        .route("/templates/{id}/register.csv", get(templates::register))
        .route("/templates/{id}/sample.pdf", get(templates::sample))
        .route("/verify", get(verify::verify).post(verify::judge))
        .route("/verify/", get(verify::to_verify))
        .route("/verify/{id}", get(verdict::verdict))
        .with_state(pages)
}

/// Everything that the worlds serve, with pages in the place of errors for whoever asks for pages.
pub fn front(worlds: &Worlds) -> Router {
    let known = worlds.clone();
    problem::for_people(worlds.router(), move |name| known.is_known(name))
}

/// What the pages of one world are made of.
#[derive(Clone)]
struct Pages {
    laboratory: Laboratory,
    kept: Kept,
}

/// What is kept in memory for the pages of one world. Cheap to clone.
#[derive(Clone, Default)]
struct Kept {
    results: Results,
    registers: Registers,
}

impl FromRef<Pages> for Laboratory {
    fn from_ref(pages: &Pages) -> Laboratory {
        pages.laboratory.clone()
    }
}

impl FromRef<Pages> for Results {
    fn from_ref(pages: &Pages) -> Results {
        pages.kept.results.clone()
    }
}

impl FromRef<Pages> for Registers {
    fn from_ref(pages: &Pages) -> Registers {
        pages.kept.registers.clone()
    }
}
