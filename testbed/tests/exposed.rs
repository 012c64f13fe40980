//! A server that strangers reach: who has to show what, and how the machine's own commands do.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

struct Testbed {
    process: Child,
    told: serde_json::Value,
    running: serde_json::Value,
    folder: tempfile::TempDir,
}

fn eseal(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = place::eseal(folder);
    command.args(arguments);
    command
}

impl Testbed {
    fn start(arguments: &[&str]) -> Testbed {
        let folder = tempfile::tempdir().unwrap();
        let mut command = eseal(folder.path(), &["up", "--listen", "0.0.0.0:0", "--expose", "--json"]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let running = loop {
            let found = std::fs::read_to_string(folder.path().join("eseal-data/running.json"));
            if let Some(running) = found.ok().and_then(|text| serde_json::from_str(&text).ok()) {
                break running;
            }
            assert_eq!(process.try_wait().unwrap(), None, "it ended before it served");
            std::thread::yield_now();
        };
        Testbed { process, told: serde_json::from_str(&line).unwrap(), running, folder }
    }

    fn base(&self) -> &str {
        self.running["base"].as_str().unwrap()
    }

    fn token(&self) -> &str {
        self.told["token"].as_str().unwrap()
    }

    /// Status and whole answer to that head.
    fn answer(&self, head: &str, body: &str) -> (u16, String) {
        self.answer_at(self.base().strip_prefix("http://").unwrap(), head, body)
    }

    fn answer_at(&self, address: &str, head: &str, body: &str) -> (u16, String) {
        let mut connection = TcpStream::connect(address).unwrap();
        let length = body.len();
        let request =
            format!("{head}\r\nHost: 192.0.2.7\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        eseal(self.folder.path(), arguments).output().unwrap()
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn others_reach_a_server_only_if_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let refused = eseal(folder.path(), &["up", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(4));
    assert!(text(&refused.stderr).contains("--expose"), "{}", text(&refused.stderr));
    assert!(!folder.path().join("eseal-data/worlds").exists(), "no world was made");
}

#[test]
fn strangers_use_protocols_and_act_with_the_token_and_commands_find_it() {
    let testbed = Testbed::start(&[]);
    let kept = std::fs::read_to_string(testbed.folder.path().join("eseal-data/token")).unwrap();
    assert_eq!((kept.trim(), testbed.running["token"].as_str()), (testbed.token(), Some(testbed.token())));
    let clock = "POST /testbed/api/clock HTTP/1.1";
    let freeze = r#"{"action": "freeze"}"#;
    for (head, body, expected) in [
        ("GET /ca/trust.pem HTTP/1.1", "", 200),
        ("POST /csc/v2/info HTTP/1.1", "{}", 200),
        ("GET /healthz HTTP/1.1", "", 200),
        ("GET /testbed/api/journal HTTP/1.1", "", 401),
        (clock, freeze, 401),
        (&format!("{clock}\r\nAuthorization: Bearer 0123456789abcdef"), freeze, 401),
        (&format!("{clock}\r\nAuthorization: Bearer {}", testbed.token()), freeze, 200),
    ] {
        assert_eq!(testbed.answer(head, body).0, expected, "{head}");
    }

    let listed = testbed.run(&["certificate", "list", "--json"]);
    let certificate: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let (number, name) = (certificate["number"].as_str().unwrap(), certificate["recipient"].as_str().unwrap());
    let code = certificate["confirmation_code"].as_str().unwrap();
    let with_token = format!("\r\nAuthorization: Bearer {}", testbed.token());
    for (query, shown, status, whose) in
        [("", "", 403, false), (&*format!("?code={code}"), "", 200, true), ("", &*with_token, 200, true)]
    {
        let file = format!("GET /issuer/api/certificates/{number}/pdf{query} HTTP/1.1{shown}");
        assert_eq!(testbed.answer(&file, "").0, status, "{file}");
        let (_, page) = testbed.answer(&format!("GET /c/{number}{query} HTTP/1.1{shown}"), "");
        assert_eq!((page.contains(name), page.contains(number)), (whose, true), "{query}{shown}: {page}");
    }

    let own = testbed.run(&["clock", "get", "--json"]);
    assert!(own.status.success(), "{}", text(&own.stderr));
    assert!(text(&own.stdout).contains(r#""mode":"fixed""#), "{}", text(&own.stdout));
    let sealed = testbed.run(&["world", "new", "class"]);
    assert!(sealed.status.success(), "{}", text(&sealed.stderr));

    let elsewhere = tempfile::tempdir().unwrap();
    let by_address = |token: Option<&str>| {
        let mut command = eseal(elsewhere.path(), &["--url", testbed.base(), "--world", "class", "clock", "get"]);
        command.envs(token.map(|token| ("ESEAL_TOKEN", token))).output().unwrap()
    };
    let without = by_address(None);
    assert_eq!(without.status.code(), Some(4));
    assert!(text(&without.stderr).contains("ESEAL_TOKEN"), "{}", text(&without.stderr));
    assert!(by_address(Some(testbed.token())).status.success());
}

#[test]
fn people_are_led_to_a_form_and_from_there_to_the_pages() {
    let testbed = Testbed::start(&["--token", "a-token-of-the-class"]);
    assert_eq!(testbed.token(), "a-token-of-the-class");
    let page = "\r\nAccept: text/html\r\nUser-Agent: Mozilla/5.0";
    let (status, closed) = testbed.answer(&format!("GET /?lang=en HTTP/1.1{page}"), "");
    assert_eq!(status, 401);
    assert!(closed.contains("/join?lang=en") && closed.contains("www-authenticate: Bearer"), "{closed}");
    let (status, form) = testbed.answer(&format!("GET /join?lang=en HTTP/1.1{page}"), "");
    assert!(status == 200 && form.contains(r#"name="code""#), "{form}");
    let sent = format!("POST /join?lang=en HTTP/1.1{page}\r\nContent-Type: application/x-www-form-urlencoded");
    let (status, wrong) = testbed.answer(&sent, "code=another-token-of-it");
    assert!(status == 401 && wrong.contains("is wrong") && !wrong.contains("set-cookie"), "{wrong}");
    let (status, right) = testbed.answer(&sent, "code=a-token-of-the-class");
    assert!(status == 303 && right.contains("location: ./?lang=en"), "{right}");
    let cookie = right.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).unwrap();
    assert!(!cookie.contains("a-token"), "{cookie}");
    assert_eq!(testbed.answer(&format!("GET / HTTP/1.1{page}\r\nCookie: {cookie}"), "").0, 200);
}

#[test]
fn a_group_joins_its_world_and_no_other_and_the_code_can_be_taken_back() {
    let testbed = Testbed::start(&[]);
    for world in ["class", "other"] {
        assert!(testbed.run(&["world", "new", world]).status.success());
    }
    let code = testbed.run(&["world", "join-code", "class", "--json"]);
    let code: serde_json::Value = serde_json::from_slice(&code.stdout).unwrap();
    assert_eq!((code["exposed"].as_bool(), code["world"].as_str()), (Some(true), Some("class")));
    let again: serde_json::Value =
        serde_json::from_slice(&testbed.run(&["world", "join-code", "class", "--json"]).stdout).unwrap();
    assert_eq!(again, code);
    let shown = format!("Authorization: Bearer {}", code["code"].as_str().unwrap());
    let status = |head: &str| testbed.answer(&format!("{head} HTTP/1.1\r\n{shown}"), "").0;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut group = eseal(elsewhere.path(), &["--url", testbed.base(), "--world", "class", "clock", "get"]);
    let group = group.env("ESEAL_TOKEN", code["code"].as_str().unwrap()).output().unwrap();
    assert!(group.status.success(), "{}", text(&group.stderr));
    for (head, expected) in [
        ("GET /w/class/testbed/api/clock", 200),
        ("GET /w/other/testbed/api/clock", 403),
        ("GET /testbed/api/clock", 403),
        ("GET /testbed/api/worlds/class/join-code", 403),
        ("DELETE /testbed/api/worlds/class", 403),
    ] {
        assert_eq!(status(head), expected, "{head}");
    }
    assert!(testbed.run(&["world", "join-code", "class", "--none"]).status.success());
    assert_eq!(status("GET /w/class/testbed/api/clock"), 401);
}

#[test]
fn the_same_is_served_over_tls_with_a_certificate_of_the_world_s_authority() {
    let testbed = Testbed::start(&["--tls"]);
    let https = testbed.told["https"].as_str().unwrap();
    assert_eq!(testbed.running["https"].as_str(), Some(https));
    let trust = testbed.folder.path().join("eseal-data/worlds/default/trust");
    assert!(trust.join("tls.pem").exists());
    let elsewhere = tempfile::tempdir().unwrap();
    let by_tls = |root: &Path, more: &[&str]| {
        let root = root.display().to_string();
        let mut command = eseal(elsewhere.path(), &["--url", https, "--cacert", &root]);
        command.env("ESEAL_TOKEN", testbed.token()).args(more).output().unwrap()
    };
    let own = by_tls(&trust.join("root.pem"), &["clock", "get"]);
    assert!(own.status.success(), "{}", text(&own.stderr));
    let strangers = by_tls(&trust.join("tsa.pem"), &["clock", "get"]);
    assert_eq!(strangers.status.code(), Some(4));
    let mut without = eseal(elsewhere.path(), &["--url", https, "clock", "get"]);
    let without = without.output().unwrap();
    assert!(text(&without.stderr).contains("--cacert"), "{}", text(&without.stderr));
    let (status, told) = testbed.answer_at(https.strip_prefix("https://").unwrap(), "GET /healthz HTTP/1.1", "");
    assert!(status == 400 && told.contains("this port speaks TLS"), "{told}");
    assert!(
        by_tls(&trust.join("root.pem"), &["clock", "advance", "40y"]).status.success(),
        "the world's clock is not TLS's"
    );
    assert!(by_tls(&trust.join("root.pem"), &["clock", "get"]).status.success());
}

#[test]
fn a_server_that_wants_clients_certificates_takes_commands_that_show_one() {
    let testbed = Testbed::start(&["--tls", "--client-certs", "required"]);
    let https = testbed.told["https"].as_str().unwrap();
    let root = testbed.folder.path().join("eseal-data/worlds/default/trust/root.pem");
    let made = testbed.run(&["client-cert", "alice"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let alice = testbed.folder.path().join("alice.pem");
    let elsewhere = tempfile::tempdir().unwrap();
    let by_tls = |more: &[&str]| {
        let mut command = eseal(elsewhere.path(), &["--url", https, "--cacert", &root.display().to_string()]);
        command.args(more).output().unwrap()
    };
    let without = by_tls(&["clock", "get"]);
    assert_eq!(without.status.code(), Some(4));
    assert!(text(&without.stderr).contains("--cert FILE"), "{}", text(&without.stderr));
    let alice = alice.display().to_string();
    let with = by_tls(&["--cert", &alice, "clock", "get"]);
    assert!(with.status.success(), "no token is needed: {}", text(&with.stderr));
    let whole = std::fs::read_to_string(&alice).unwrap();
    let at = whole.find("-----BEGIN CERTIFICATE-----").unwrap();
    let apart = [("alice.key", &whole[..at]), ("alice.crt", &whole[at..])];
    apart.iter().for_each(|(name, text)| std::fs::write(elsewhere.path().join(name), text).unwrap());
    assert!(by_tls(&["--cert", "alice.crt", "--cert-key", "alice.key", "clock", "get"]).status.success());
    let no_key = by_tls(&["--cert", "alice.crt", "clock", "get"]);
    assert!(text(&no_key.stderr).contains("wanted the key of the client's certificate"), "{}", text(&no_key.stderr));
    let other = testbed.folder.path().join("eseal-data/worlds/default/trust/seal.pem").display().to_string();
    let other = by_tls(&["--cert", &other, "--cert-key", "alice.key", "clock", "get"]);
    assert_eq!(other.status.code(), Some(4), "{}", text(&other.stderr));
    assert!(testbed.run(&["revoke", &alice, "--reason", "keyCompromise"]).status.success());
    let revoked = by_tls(&["--cert", &alice, "clock", "get"]);
    assert!(text(&revoked.stderr).contains("CertificateRevoked"), "{}", text(&revoked.stderr));
}
