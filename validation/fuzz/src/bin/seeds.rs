//! Seeds for the targets: `seeds CORPUS FOLDER…`. In: folders with files of the testbed (`eseal scenario run --all --keep`) and of
//! other projects. Out: CORPUS/pdf, cms, tsp, ocsp, crl with small files, those inside PDFs cut out; each file once, under its hash.

use std::fs;
use std::path::{Path, PathBuf};

use pades::{Document, Placement, SealKind, SignatureKind, security_store};
use pki::{
    CertificateId, DigestAlgorithm, HashParameters, OcspRefusal, OcspRequest, SignedData, TimeStampFailure,
    TimeStampRequest, TimeStampResponse, TimeStampToken, oid,
};
use validation_fuzz::world::{WORLD, sealed_at};

/// Greatest seeds: libFuzzer grows no input beyond the greatest seed, and slows down with it.
const GREATEST_PDF: usize = 32 << 10;
const GREATEST_DER: usize = 12 << 10;

/// Most seeds of a kind.
const MOST: usize = 400;

const PLAIN: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n\
    << /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n\
    xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n\
    trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n182\n%%EOF\n";

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(corpus) = arguments.next() else {
        eprintln!("usage: seeds CORPUS FOLDER…");
        std::process::exit(2);
    };
    let mut seeds = Seeds { corpus, counts: [0; 5] };
    seeds.of_the_world();
    for folder in arguments {
        let mut files = files(&folder);
        files.sort();
        files.iter().for_each(|file| seeds.file(file));
    }
    let counts: Vec<String> = KINDS.iter().zip(seeds.counts).map(|(kind, count)| format!("{kind} {count}")).collect();
    println!("seeds: {}", counts.join(", "));
}

/// The folders of the targets.
const KINDS: [&str; 5] = ["pdf", "cms", "tsp", "ocsp", "crl"];

struct Seeds {
    corpus: PathBuf,
    counts: [usize; 5],
}

impl Seeds {
    fn add(&mut self, kind: &str, bytes: &[u8]) {
        let place = KINDS.iter().position(|known| *known == kind).expect("a kind of the list");
        let greatest = if kind == "pdf" { GREATEST_PDF } else { GREATEST_DER };
        if bytes.is_empty() || bytes.len() > greatest || self.counts[place] >= MOST {
            return;
        }
        let folder = self.corpus.join(kind);
        let file = folder.join(&DigestAlgorithm::Sha256.digest(bytes).to_string()[..20]);
        if !file.exists() {
            fs::create_dir_all(&folder).and_then(|()| fs::write(&file, bytes)).expect("the corpus can be written");
        }
        self.counts[place] += 1;
    }

    fn file(&mut self, file: &Path) {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let Ok(bytes) = fs::read(file) else { return };
        match extension {
            "pdf" => self.pdf(&bytes),
            "crl" | "pem" => self.add("crl", &bytes),
            "tsq" | "tsr" | "tst" => self.add("tsp", &bytes),
            "p7s" | "p7m" | "cms" => self.add("cms", &bytes),
            "der" => {
                self.add("ocsp", &bytes);
                self.add("tsp", &bytes);
            }
            _ => {}
        }
    }

    /// The file, the messages in it, and what its security store holds.
    fn pdf(&mut self, bytes: &[u8]) {
        self.add("pdf", bytes);
        let Ok(document) = Document::parse(bytes) else { return };
        for signature in document.signatures() {
            self.message(&signature.contents, signature.kind == SignatureKind::DocumentTimeStamp);
        }
        let Ok(Some(store)) = security_store::read(document.latest()) else { return };
        store.material.crls.iter().for_each(|one| self.add("crl", one));
        store.material.ocsp_responses.iter().for_each(|one| self.add("ocsp", one));
    }

    fn message(&mut self, contents: &[u8], is_token: bool) {
        let kind = if is_token { "tsp" } else { "cms" };
        let Ok(message) = SignedData::from_ber(contents) else { return };
        let rest = message.padding() + message.trailing_octets();
        self.add(kind, &contents[..contents.len() - rest]);
        for token in message.signature_time_stamps() {
            self.add("tsp", token.der());
            self.add("tsp", &TimeStampResponse::granted(token.der()));
        }
    }

    /// What the fixed world makes: seals of each shape, questions, refusals.
    fn of_the_world(&mut self) {
        let sealed = sealed(PLAIN);
        let stored = stored(&sealed);
        let stamped = stamped(&stored);
        for pdf in [PLAIN, &sealed, &stored, &stamped, &stamped_twice(&stamped)] {
            self.pdf(pdf);
        }
        self.add("crl", WORLD.crl.der());
        self.add("crl", WORLD.crl.to_pem().as_bytes());
        self.add("ocsp", WORLD.answer.der());
        let ids = [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256]
            .map(|hash| CertificateId::for_certificate(WORLD.seal.certificate.serial(), &WORLD.ca, hash));
        let request = OcspRequest { certificate_ids: ids.to_vec(), nonce: Some(vec![7; 16]) };
        self.add("ocsp", &request.to_der());
        OcspRefusal::ALL.iter().for_each(|refusal| self.add("ocsp", &refusal.to_der()));
        for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
            let request = TimeStampRequest {
                imprint: algorithm.digest(b"document"),
                hash_parameters: HashParameters::Absent,
                policy: Some(oid::TESTBED_TSA_POLICY),
                nonce: Some(vec![0x7f, 1]),
                certificate_requested: true,
            };
            self.add("tsp", &request.to_der());
        }
        TimeStampFailure::ALL.iter().for_each(|failure| self.add("tsp", &TimeStampResponse::refusal(*failure, "why")));
        let token = TimeStampToken::from_der(&WORLD.stamp([b"document", b""])).expect("a token made here is one");
        self.add("tsp", &TimeStampResponse::granted(token.der()));
    }
}

fn sealed(pdf: &[u8]) -> Vec<u8> {
    let kind = SealKind::Seal { at: sealed_at(), name: None, reason: None, location: None };
    let document = Document::parse(pdf).expect("a regular file");
    let prepared = pades::prepare(&document, Placement::ExistingOrNew("Seal"), kind, 4096).expect("a regular file");
    let message = WORLD.seal(prepared.signed_parts());
    prepared.embed(&message).expect("it fits")
}

fn stamped(pdf: &[u8]) -> Vec<u8> {
    let place = Placement::NewInvisible { name: None };
    let document = Document::parse(pdf).expect("a regular file");
    let prepared = pades::prepare(&document, place, SealKind::DocumentTimeStamp, 2048).expect("a regular file");
    let token = WORLD.stamp(prepared.signed_parts());
    prepared.embed(&token).expect("it fits")
}

fn stamped_twice(pdf: &[u8]) -> Vec<u8> {
    stamped(&stored(pdf))
}

fn stored(pdf: &[u8]) -> Vec<u8> {
    let material = security_store::Material {
        certificates: vec![WORLD.ca.der().to_vec(), WORLD.unit.certificate.der().to_vec()],
        crls: vec![WORLD.crl.der().to_vec()],
        ocsp_responses: vec![WORLD.answer.der().to_vec()],
    };
    let document = Document::parse(pdf).expect("a regular file");
    let contents: Vec<_> = document.signatures().into_iter().map(|signature| signature.contents).collect();
    let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    security_store::append(&document, &material, &contents).expect("a regular file")
}

/// All files in a folder and those below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
