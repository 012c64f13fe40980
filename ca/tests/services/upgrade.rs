//! Tables of earlier programs: what was published and recorded is still there.

use ca::{AuthorityId, Ca};
use pki::{Crl, KeyKind, SerialNumber};
use signer::Signer;
use world::World;
use world::store::Dialect;

use super::fixture::*;

/// The first program kept CRLs whole and did not number facts.
const EARLIER: &[&str] = &[include_str!("../../migrations/0001_ca.sql")];

#[tokio::test]
async fn crls_and_facts_of_the_first_program_stay_and_numbers_go_on() {
    let world = World::in_memory(BASE, time(START)).await.unwrap();
    if world.store.dialect() == Dialect::Postgres {
        println!("skipped: earlier programs knew worlds in files only");
        return;
    }
    world.store.migrate(world::store::Tables { owner: "ca", scripts: EARLIER, postgres: &[] }).await.unwrap();
    let second = time("2026-11-24T08:00:00Z").as_second();
    for serial in ["0b", "0a"] {
        let sql = "INSERT INTO ca_certificate (serial, issuer, profile, not_before, not_after, issued_at, der) \
                   VALUES ($1, 'issuing', 'seal', $2, $2, $2, x'')";
        world::store::query(sql).bind(serial).bind(second).execute(&world.store).await.unwrap();
        let sql = "INSERT INTO ca_fact (serial, ordinal, issuer, event, since, reason, recorded_at) \
                   VALUES ($1, 1, 'issuing', 'revoked', $2, 'superseded', $2)";
        world::store::query(sql).bind(serial).bind(second).execute(&world.store).await.unwrap();
    }
    let sql = "INSERT INTO ca_crl (issuer, number, this_update, next_update, facts, der) \
               VALUES ('issuing', 7, $1, $2, 2, x'303132')";
    let day = second + 86_400;
    world::store::query(sql).bind(second).bind(day).execute(&world.store).await.unwrap();

    let signer = Signer::open(&world).await.unwrap();
    let ca = Ca::open(&world, signer).await.unwrap();
    ca.create_hierarchy(KeyKind::P256).await.unwrap();
    assert_eq!(ca.crl_by_number(&AuthorityId::ISSUING, 7).await.unwrap().der(), b"012", "as it was");
    let next = ca.crl(&AuthorityId::ISSUING.generation(1)).await.unwrap();
    assert_eq!(next.number, 8);
    let crl = Crl::from_der(next.der()).unwrap();
    let listed: Vec<SerialNumber> = crl.entries().map(|entry| entry.serial).collect();
    assert_eq!(listed, ["0a".parse().unwrap(), "0b".parse().unwrap()]);
    assert!(matches!(ca.crl_by_number(&AuthorityId::ISSUING, 6).await, Err(ca::Error::CrlNotKept { number: 6, .. })));
}
