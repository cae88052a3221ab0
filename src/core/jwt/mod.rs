//! The token itself (RFC 7519): signs and judges tokens as Specter does.

pub(crate) mod claims;
pub(crate) mod judge;
pub(crate) mod key;
pub(crate) mod presented;
pub(crate) mod rules;
pub(crate) mod spelling;
