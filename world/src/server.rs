//! One HTTP server for all services of all worlds, on loopback.
//!
//! In: a listener, the services and a signal to stop. A handler that panics answers 500 and the server goes on; when told
//! to stop it takes no more connections and finishes the requests under way.

use std::any::Any;
use std::future::Future;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

use crate::Problem;

/// Gives a router the answers that every address here shares: unknown address, unknown method, and a handler's panic.
pub fn complete(services: Router) -> Router {
    services
        .fallback(Problem::no_such_address)
        .method_not_allowed_fallback(Problem::no_such_method)
        .layer(CatchPanicLayer::custom(answer_panic))
}

/// Serves until `stop` resolves and the requests under way are answered.
pub async fn serve(
    listener: TcpListener,
    services: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true); // only speed is lost
    });
    axum::serve(listener, services).with_graceful_shutdown(stop).await
}

fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(text.unwrap_or("a handler panicked")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn unknown_addresses_methods_and_panics_are_answered_in_json() {
        let panics = get(|| async {
            if std::hint::black_box(true) {
                panic!("a fault in a handler");
            }
        });
        let services = complete(Router::new().route("/x", panics));
        for (method, path, status) in [
            ("GET", "/nowhere", StatusCode::NOT_FOUND),
            ("POST", "/x", StatusCode::METHOD_NOT_ALLOWED),
            ("GET", "/x", StatusCode::INTERNAL_SERVER_ERROR),
        ] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let answer = services.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()["content-type"], "application/json");
        }
    }
}
