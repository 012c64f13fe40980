//! What crossed to the key server for a certificate, or a batch of them. In: the requests as they were sent, and the certificate. Out: which of their octets
//! are digests, and whether anything that stands in the certificate is among the others.

mod texts;
pub mod traces;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use issuer::{CertificateNumber, Completion, Issued, RowContent, SentForOne};
use pki::DigestAlgorithm;
use sealing::Crossing;
use serde_json::Value;
use world::problem::Problem;

use crate::Laboratory;
use crate::api::{
    CrossingCertificate, CrossingDigest, CrossingRequest, CrossingRoute, CrossingSearch, CrossingShort,
    CrossingSubject, CrossingTrace, CrossingUnsearched, CrossingUnsearchedWhy, CrossingsAnswer, CrossingsQuery,
};
use texts::TELLING;

impl Laboratory {
    /// What the key server was sent for a certificate, or for a batch.
    ///
    /// # Errors
    /// 400 unless one of the two is asked for; 404 for a number that was never taken, and for a batch for which nothing was sent.
    pub async fn crossings(&self, query: &CrossingsQuery) -> Result<CrossingsAnswer, Problem> {
        match (&query.number, &query.batch) {
            (Some(number), None) => self.crossings_of_certificate(number).await,
            (None, Some(batch)) => self.crossings_of_batch(batch, query).await,
            _ => {
                let wanted = Problem::bad_request("wanted number=NUMBER of a certificate, or batch=ID of a batch");
                Err(wanted.in_japanese("証明書の番号（number=番号）か、一括発行の番号（batch=番号）が必要です".into()))
            }
        }
    }

    async fn crossings_of_certificate(&self, number: &str) -> Result<CrossingsAnswer, Problem> {
        let issued = match self.issuer.find(number).await {
            Ok(issued) => Some(issued),
            Err(error @ issuer::Error::NumberUnknown { .. }) => {
                let gap = self.issuer.gap(number).await?;
                gap.is_some().then_some(None).ok_or_else(|| Problem::from(error))?
            }
            Err(error) => return Err(error.into()),
        };
        let SentForOne { mut requests, perhaps, batch } = self.issuer.crossings(number).await?;
        let number: CertificateNumber = number.parse().map_err(Problem::not_found)?;
        let mut known = Known::default();
        match &issued {
            Some(issued) => known.add(None, issued),
            None => known.add_text(number.to_string(), traces::SHORTEST),
        }
        let own = perhaps.into_iter().filter(|request| known.has_one_of(&request.body));
        requests.splice(0..0, own.collect::<Vec<_>>());
        match (self.issuer.content_of_number(&number).await?, &issued) {
            (Some(row), None) => known.add_row(&row),
            (Some(row), Some(_)) => known.add_key(&row),
            // Earlier attempts may have been with other data.
            (None, Some(_)) if !requests.iter().any(|request| known.is_of_another(&request.body)) => {}
            (None, _) => known.is_not_searched(number.to_string(), CrossingUnsearchedWhy::DataNotKept),
        }
        let batch = batch.map(|batch| batch.to_string());
        Ok(CrossingsAnswer { batch, number: Some(number), ..answer(&requests, &[], &known) })
    }

    async fn crossings_of_batch(&self, batch: &str, query: &CrossingsQuery) -> Result<CrossingsAnswer, Problem> {
        let limit = query.limit.unwrap_or(ROWS);
        if !(1..=MOST_ROWS).contains(&limit) {
            let wrong = Problem::bad_request(format!("limit: wanted 1 to {MOST_ROWS}, found {limit}"));
            return Err(wrong.in_japanese(format!("limit: 1 から {MOST_ROWS} までの数が必要ですが、{limit} です")));
        }
        let id: i64 = batch.parse().map_err(|_| {
            let unknown = Problem::not_found(format!("there is no batch {batch:?}"));
            unknown.in_japanese(format!("一括発行「{batch}」はありません"))
        })?;
        self.issuer.batch(id).await?;
        let after = query.after.unwrap_or(0);
        let rows = self.issuer.contents_of_batch(id, after, limit).await?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.row);
        let sent = self.issuer.crossings_of_rows(id, after, next.unwrap_or(i64::MAX)).await?;
        let mut known = Known::default();
        for row in &rows {
            known.add_row(row);
            if let Some(number) = row.number.as_ref().filter(|_| row.is_delivered) {
                known.add(Some(row.row), &self.issuer.find(&number.to_string()).await?); // one by one: each brings its file
            }
        }
        let others: Vec<i64> = sent.rows.into_iter().filter(|place| rows.iter().all(|row| row.row != *place)).collect();
        for row in self.issuer.contents_at(id, &others).await? {
            known.add_row(&row); // a request is searched for everybody for whom it was sent
        }
        Ok(CrossingsAnswer { batch: Some(batch.to_owned()), next, ..answer(&sent.requests, &sent.earlier, &known) })
    }
}

/// How many rows of a batch a page has if nothing is said, and at most: each is looked for in every request of the page.
const ROWS: u32 = 100;
const MOST_ROWS: u32 = 1000;

/// What is known of the certificates whose requests are looked at.
#[derive(Default)]
struct Known {
    /// Over what a digest (lower hex) is, and for which of the certificates.
    digests: HashMap<String, (CrossingSubject, usize)>,
    /// Row of a batch, and number.
    certificates: Vec<(Option<i64>, CertificateNumber)>,
    /// What is looked for, and how many octets it has to have in a form.
    texts: BTreeMap<String, usize>,
    unsearched: Vec<CrossingUnsearched>,
    /// Of how many certificates and rows these are.
    rows: BTreeSet<Option<i64>>,
}

impl Known {
    fn add(&mut self, row: Option<i64>, issued: &Issued) {
        let place = self.certificates.len();
        self.certificates.push((row, issued.summary.number.clone()));
        self.digests.insert(issued.summary.sent_digest.clone(), (CrossingSubject::Seal, place));
        if let Some((input, _signature)) = issued.badge.rsplit_once('.') {
            let digest = DigestAlgorithm::Sha256.digest(input.as_bytes()).to_string();
            self.digests.insert(digest, (CrossingSubject::Badge, place));
        }
        let summary = &issued.summary;
        let own = [summary.number.to_string(), summary.confirmation_code.clone(), summary.recipient.clone()];
        own.into_iter().for_each(|text| self.add_text(text, traces::SHORTEST));
        self.add_completion(row, &issued.completion);
    }

    /// What a row says, also one that has no certificate. The code on a page that was thrown away counts for nothing, and nobody knows it.
    fn add_row(&mut self, row: &RowContent) {
        if let Some(number) = &row.number {
            self.add_text(number.to_string(), traces::SHORTEST);
        }
        self.add_key(row);
        match &row.completion {
            Some(completion) => self.add_completion(Some(row.row), completion),
            None => self.is_not_searched(format!("row {}", row.row), CrossingUnsearchedWhy::DataUnreadable),
        }
    }

    /// The registrar's own key.
    fn add_key(&mut self, row: &RowContent) {
        if let Some(key) = &row.given_key {
            self.add_text(key.clone(), TELLING);
        }
    }

    fn add_completion(&mut self, row: Option<i64>, completion: &str) {
        match Completion::from_json(completion.as_bytes()) {
            Ok(completion) => {
                texts::of_completion(&completion).into_iter().for_each(|(text, least)| self.add_text(text, least));
                self.rows.insert(row);
            }
            Err(_) => {
                let about = row.map_or_else(
                    || self.certificates.last().map(|(_, one)| one.to_string()).unwrap_or_default(),
                    |row| format!("row {row}"),
                );
                self.is_not_searched(about, CrossingUnsearchedWhy::DataUnreadable);
            }
        }
    }

    fn add_text(&mut self, text: String, least: usize) {
        if !text.is_empty() {
            let kept = self.texts.entry(text).or_insert(least);
            *kept = least.min(*kept);
        }
    }

    fn is_not_searched(&mut self, about: String, why: CrossingUnsearchedWhy) {
        self.unsearched.push(CrossingUnsearched { about, why });
    }

    /// Whether a digest of theirs stands there.
    fn has_one_of(&self, body: &str) -> bool {
        digests(body, self).iter().any(|digest| digest.of != CrossingSubject::Other)
    }

    /// Whether a digest stands there that is none of theirs.
    fn is_of_another(&self, body: &str) -> bool {
        digests(body, self).iter().any(|digest| digest.of == CrossingSubject::Other)
    }

    fn subject(&self, digest: &str) -> CrossingSubject {
        self.digests.get(digest).map_or(CrossingSubject::Other, |(subject, _)| *subject)
    }

    /// What crossed for each of the certificates, of these requests.
    fn certificates<'a>(&self, requests: impl Iterator<Item = &'a CrossingRequest>) -> Vec<CrossingCertificate> {
        let mut routes: Vec<BTreeMap<String, CrossingRoute>> = vec![BTreeMap::new(); self.certificates.len()];
        for request in requests {
            let mut counted = HashSet::new();
            for digest in &request.digests {
                let Some((_, place)) = self.digests.get(&digest.digest) else { continue };
                let route = entry(&mut routes[*place], request);
                route.digest_octets += digest.length;
                route.octets += digest.length;
                route.requests += usize::from(counted.insert(*place));
            }
        }
        let all = self.certificates.iter().zip(routes);
        all.map(|((row, number), routes)| {
            let routes: Vec<CrossingRoute> = routes.into_values().collect();
            let digest_octets = routes.iter().map(|route| route.digest_octets).sum();
            CrossingCertificate { digest_octets, number: number.clone(), routes, row: *row }
        })
        .collect()
    }
}

/// The route of a request among those that are counted.
fn entry<'a>(routes: &'a mut BTreeMap<String, CrossingRoute>, request: &CrossingRequest) -> &'a mut CrossingRoute {
    let route = request.address.parse::<Uri>().map_or_else(|_| request.address.clone(), |uri| uri.path().to_owned());
    routes.entry(route.clone()).or_insert(CrossingRoute { digest_octets: 0, octets: 0, requests: 0, route })
}

/// `beside`: what was sent for the same certificates, and is told elsewhere.
fn answer(sent: &[Crossing], beside: &[Crossing], known: &Known) -> CrossingsAnswer {
    let requests: Vec<CrossingRequest> = sent.iter().map(|crossing| request(crossing, known)).collect();
    let beside: Vec<CrossingRequest> = beside.iter().map(|crossing| request(crossing, known)).collect();
    let mut routes: BTreeMap<String, CrossingRoute> = BTreeMap::new();
    for one in &requests {
        let counted = entry(&mut routes, one);
        counted.requests += 1;
        counted.octets += one.octets;
        counted.digest_octets += digest_octets(one);
    }
    CrossingsAnswer {
        batch: None,
        certificates: known.certificates(beside.iter().chain(&requests)),
        digest_octets: requests.iter().map(digest_octets).sum(),
        next: None,
        number: None,
        octets: requests.iter().map(|one| one.octets).sum(),
        search: search(&requests, known),
        requests,
        routes: routes.into_values().collect(),
    }
}

fn digest_octets(request: &CrossingRequest) -> usize {
    request.digests.iter().map(|digest| digest.length).sum()
}

fn request(crossing: &Crossing, known: &Known) -> CrossingRequest {
    CrossingRequest {
        address: crossing.address.clone(),
        at: crossing.at,
        authorized: crossing.authorized,
        body: crossing.body.clone(),
        digests: digests(&crossing.body, known),
        media_type: crossing.media_type.clone(),
        octets: crossing.body.len(),
        status: crossing.status,
    }
}

/// The digests of a request: what stands in the lists in which the CSC API has them, and is as long as one.
fn digests(body: &str, known: &Known) -> Vec<CrossingDigest> {
    let Ok(Value::Object(members)) = serde_json::from_str(body) else { return Vec::new() };
    let lists = ["hashes", "hash"].into_iter().filter_map(|name| members.get(name)?.as_array());
    let mut from = 0;
    let mut found = Vec::new();
    for written in lists.flatten().filter_map(Value::as_str) {
        let Some(octets) = STANDARD.decode(written).ok().filter(|octets| [32, 48, 64].contains(&octets.len())) else {
            continue;
        };
        let Some(offset) = body[from..].find(written).map(|place| from + place) else { continue };
        from = offset + written.len();
        let digest = hex::encode(octets);
        found.push(CrossingDigest { length: written.len(), of: known.subject(&digest), offset, digest });
    }
    found
}

fn search(requests: &[CrossingRequest], known: &Known) -> CrossingSearch {
    let wanted = traces::Wanted::of_octets(known.texts.iter().map(|(text, least)| (text.as_str(), *least)));
    let mut found = Vec::new();
    for (number, request) in requests.iter().enumerate() {
        for trace in wanted.find(request.body.as_bytes()) {
            let (form, text) = (trace.form.to_owned(), trace.text.to_owned());
            found.push(CrossingTrace { form, offset: trace.offset, request: number, text });
        }
    }
    let forms = traces::FORMS.iter().map(|form| (*form).to_owned()).collect();
    let short = wanted.short().iter().map(|(text, forms)| CrossingShort {
        forms: forms.iter().map(|form| (*form).to_owned()).collect(),
        text: (*text).to_owned(),
    });
    CrossingSearch {
        forms,
        found,
        rows: known.rows.len(),
        short: short.collect(),
        texts: wanted.texts(),
        unsearched: known.unsearched.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_where_they_stand_and_named_by_what_they_are_over() {
        let (seal, other) = ([7_u8; 32], [8_u8; 32]);
        let digests_known = HashMap::from([(hex::encode(seal), (CrossingSubject::Seal, 0))]);
        let known = Known { digests: digests_known, ..Known::default() };
        let (one, two) = (STANDARD.encode(other), STANDARD.encode(seal));
        let body = format!(r#"{{"credentialID":"seal-p256","hashes":["{one}","{two}","AAAA"]}}"#);
        let found = digests(&body, &known);
        assert_eq!(found.iter().map(|one| one.of).collect::<Vec<_>>(), [CrossingSubject::Other, CrossingSubject::Seal]);
        for (digest, written) in found.iter().zip([one, two]) {
            assert_eq!(body[digest.offset..digest.offset + digest.length], written);
        }
    }

    #[test]
    fn a_name_in_a_body_is_told_with_its_place() {
        let known = Known { texts: BTreeMap::from([("髙橋 花子".to_owned(), 4)]), ..Known::default() };
        let crossing = Crossing {
            address: "http://127.0.0.1:8700/csc/v2/signatures/signHash".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            authorized: true,
            body: r#"{"clientData":"髙橋 花子"}"#.into(),
            media_type: "application/json".into(),
            status: Some(200),
        };
        let answer = answer(&[crossing], &[], &known);
        assert_eq!(answer.search.found.len(), 1, "{answer:?}");
        let trace = &answer.search.found[0];
        assert_eq!((trace.form.as_str(), trace.offset, trace.request), ("UTF-8", 15, 0));
        assert_eq!(answer.routes[0].route, "/csc/v2/signatures/signHash");
    }
}
