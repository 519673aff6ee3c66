//! Assembles the service for actix-web and for tests.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpResponse, ResponseError};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi, Url};

use super::access::permit;
use super::audit::note_refusals;
use super::budgets::charge;
use super::edge::{Served, admit, check_query, surround, unknown};
use super::http::Problem;
use super::identity::name_member;
use super::service::Service;
use super::{openapi, routes};

/// Returns the app with all routes and layers.
pub(crate) fn app(
    service: Data<Service>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let operator_elsewhere = service.config.operator_listen.is_some();
    let (app, mut document) = App::new()
        .app_data(service.clone())
        .into_utoipa_app()
        .openapi(openapi::frame(&service.config))
        .service(scope::scope("/api/v1").configure(routes::configure).wrap(from_fn(permit)))
        .split_for_parts();
    openapi::complete(&mut document);
    let app = app.app_data(Data::new(Served::by(&document)));
    let app = match operator_elsewhere {
        true => {
            ["/healthz", "/readyz", "/metrics"].into_iter().fold(app, |app, path| app.route(path, web::to(not_here)))
        }
        false => app.configure(routes::operator),
    };
    app.service(web::redirect("/api/docs", "/api/docs/"))
        .service(viewer(document))
        .default_service(web::to(unknown))
        .wrap(from_fn(charge))
        .wrap(from_fn(name_member))
        .wrap(from_fn(check_query))
        .wrap(from_fn(admit))
        .wrap(from_fn(note_refusals))
        .wrap(from_fn(surround))
}

/// Answers for routes that are served at another address.
async fn not_here() -> HttpResponse {
    Problem::not_found().error_response()
}

/// Returns the OpenAPI document and its viewer, which contacts no other server.
fn viewer(document: OpenApi) -> SwaggerUi {
    let at = "/api/openapi.json";
    let config = SwaggerConfig::new([Url::new("jangbu", at)]).validator_url("none").try_it_out_enabled(true);
    SwaggerUi::new("/api/docs/{_:.*}").config(config).url(at, document)
}

/// Returns the app of the operator's own address.
pub(crate) fn operator_app(
    service: Data<Service>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    App::new()
        .app_data(service)
        .configure(routes::operator)
        .default_service(web::to(not_here))
        .wrap(from_fn(admit))
        .wrap(from_fn(surround))
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;
    use crate::server::testing::Town;

    #[actix_web::test]
    async fn health_and_metrics_are_at_one_address_only() {
        for elsewhere in [None, Some("127.0.0.1:0".parse().unwrap())] {
            let town = Town::with(|config| config.operator_listen = elsewhere).await;
            let public = init_service(app(town.service.clone())).await;
            let operators = init_service(operator_app(town.service.clone())).await;
            for path in ["/healthz", "/readyz", "/metrics"] {
                let at_public = call_service(&public, TestRequest::with_uri(path).to_request()).await.status();
                assert_eq!(at_public, if elsewhere.is_some() { 404 } else { 200 }, "{path} {elsewhere:?}");
                let at_operators = call_service(&operators, TestRequest::with_uri(path).to_request()).await.status();
                assert_eq!(at_operators, 200, "{path}");
            }
        }
    }
}
