//! The description of the CA's addresses says what they answer.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use ca::Profile;
use serde_json::Value;

use super::fixture::*;

async fn document() -> Value {
    let testbed = Testbed::bare().await;
    let (_, mut document) = ca::router(testbed.ca).split_for_parts();
    world::openapi::complete(&mut document);
    serde_json::to_value(document).unwrap()
}

#[tokio::test]
async fn answers_have_the_members_that_are_described() {
    let (testbed, document) = (Testbed::new().await, document().await);
    let serial = testbed.enrol(Profile::Seal).await[0].serial().to_string();
    let schemas = &document["components"]["schemas"];
    let described = |schema: &str| {
        let mut names: Vec<&String> = schemas[schema]["properties"].as_object().unwrap().keys().collect();
        names.sort();
        names.into_iter().cloned().collect::<Vec<_>>()
    };
    let (_, list) = testbed.get_json("/ca/api/certificates?profile=seal&limit=1").await;
    let answered = |value: &Value| {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(answered(&list["certificates"][0]), described("CertificateSummary"));
    assert_eq!(answered(&list["certificates"][0]["subject"]), described("CertificateSubject"));
    let (_, details) = testbed.get_json(&format!("/ca/api/certificates/{serial}")).await;
    for more in ["certificate_pem", "history"] {
        assert!(details.get(more).is_some() && schemas["CertificateDetails"].to_string().contains(more), "{more}");
    }
    let enrollable = &schemas["EnrolmentRequest"]["properties"]["profile"]["enum"];
    assert_eq!(enrollable.as_array().unwrap().len(), 4, "{enrollable}");
}

#[tokio::test]
async fn every_address_that_is_described_without_parameters_is_there() {
    let (testbed, document) = (Testbed::new().await, document().await);
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 12);
    for (path, item) in paths.iter().filter(|(path, _)| !path.contains('{')) {
        for (method, operation) in item.as_object().unwrap() {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path);
            let answer = testbed.send(request.body(Body::empty()).unwrap()).await;
            assert!(
                !matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED),
                "{method} {path}"
            );
            assert_eq!(operation["tags"], serde_json::json!(["certification authority"]), "{method} {path}");
        }
    }
}
