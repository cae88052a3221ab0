//! The token itself (RFC 7519): signing one as Specter does, and judging one as Specter does.

pub(crate) mod claims;
pub(crate) mod judge;
pub(crate) mod key;
pub(crate) mod presented;
pub(crate) mod rules;
pub(crate) mod spelling;
