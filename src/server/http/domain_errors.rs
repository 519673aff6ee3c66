//! The only place where errors of the service's own domains become problems. Those of the bank are in `refusals`.

use actix_web::http::StatusCode;

use super::Problem;
use crate::server::audit::AuditError;
use crate::server::members::{FactorError, FieldError, KeysError, MemberError};
use crate::server::setup::SetupError;

impl From<MemberError> for Problem {
    fn from(error: MemberError) -> Problem {
        use MemberError as E;
        use StatusCode as S;
        let detail = error.to_string();
        let refused = |code: &'static str| Problem::new(S::UNPROCESSABLE_ENTITY, code, detail.clone());
        let conflict = || Problem::new(S::CONFLICT, "conflict", detail.clone());
        match error {
            E::Bank(error) => error.into(),
            E::Keys(error) => error.into(),
            E::Field(FieldError { field, code, detail }) => Problem::invalid_field(field, code, detail),
            E::NotFound => Problem::not_found(),
            E::NotSignedIn => Problem::unauthorised(),
            E::TokenInvalid => Problem::token_invalid(),
            E::AddressNotAllowed => Problem::token_bound("does not include this address"),
            E::NotAllowed => Problem::forbidden(),
            E::WrongCredentials => Problem::new(S::UNAUTHORIZED, "wrong_credentials", detail),
            E::SignInFactor(factor) => Problem::new(S::UNAUTHORIZED, code_of(factor), detail),
            E::SignInDisabled => Problem::new(S::FORBIDDEN, "member_disabled", detail),
            E::WrongPassword { .. } => refused("wrong_password"),
            E::ProofFactor(factor) => refused(code_of(factor)),
            E::TooManyFailures { wait_s } => Problem::too_many(wait_s),
            E::TotpEnabled => refused("totp_enabled"),
            E::TotpNotBegun => refused("totp_not_begun"),
            E::TotpNotConfirmed => refused("totp_wrong"),
            E::TotpDisabled => refused("totp_disabled"),
            E::UsernameTaken => Problem::new(S::CONFLICT, "username_taken", detail),
            E::Erased => refused("erased"),
            E::Disabled => refused("member_disabled"),
            E::LastAdministrator => refused("last_admin"),
            E::TooManyTokens { most } => refused("too_many_tokens").with_figure("most", most),
            E::Conflict { version: Some(version) } => conflict().with_figure("version", version.get()),
            E::Conflict { version: None } | E::CredentialsChanged | E::BeingChanged => conflict(),
            E::Overloaded => Problem::new(S::SERVICE_UNAVAILABLE, "overloaded", detail).with_retry_after(1),
            E::Hashing => Problem::new(S::INTERNAL_SERVER_ERROR, "internal", "the request failed"),
            E::ErasureUnfinished { member, left } => {
                let problem = Problem::new(S::SERVICE_UNAVAILABLE, "erasure_unfinished", detail);
                problem.with_figure("left", left).with_figure("member", member.to_string()).with_retry_after(5)
            }
        }
    }
}

const fn code_of(factor: FactorError) -> &'static str {
    match factor {
        FactorError::Missing => "totp_required",
        FactorError::Wrong => "totp_wrong",
    }
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Problem {
        let detail = error.to_string();
        match error {
            SetupError::Closed => Problem::new(StatusCode::FORBIDDEN, "setup_closed", detail),
            SetupError::Member(error) => error.into(),
            SetupError::Random => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail),
        }
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Problem {
        match error {
            AuditError::Bank(error) => error.into(),
            AuditError::Keys(error) => error.into(),
        }
    }
}

impl From<KeysError> for Problem {
    fn from(error: KeysError) -> Problem {
        // The reason is for the log, not for the client.
        tracing::error!("a member's key, or the data that it seals, is not available: {error}");
        let detail = "this member's data cannot be read or written at the moment";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "keys_unavailable", detail).with_retry_after(30)
    }
}
