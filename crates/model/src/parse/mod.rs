//! Reading what people write: dates, numbers, amounts and yes/no as text, from a form or from a spreadsheet cell.
//! Pure functions; whatever depends on the day takes `today`.

pub mod boolean;
pub mod date;
pub mod number;
mod numeral;

/// Why a text could not be read as the value it should be. The code is what the UI translates; the text itself is
/// never kept, because it may be personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// Letters or an impossible prefix where a phone number should be.
    #[error("phone_format")]
    PhoneFormat,
    /// Digits only, but too few or too many of them.
    #[error("phone_length")]
    PhoneLength,
    /// Neither 18 characters nor a 15-digit registration number.
    #[error("uscc_length")]
    UsccLength,
    /// A character that GB 32100 leaves out (I, O, S, V, Z or no letter and digit at all).
    #[error("uscc_charset")]
    UsccCharset,
    /// The check character does not fit the other seventeen.
    #[error("uscc_checksum")]
    UsccChecksum,
    #[error("email_format")]
    EmailFormat,
    #[error("url_format")]
    UrlFormat,
    /// No date, or one that the calendar does not have.
    #[error("date_format")]
    DateFormat,
    /// Several dates would fit, such as 3/5/2024.
    #[error("date_ambiguous")]
    DateAmbiguous,
    #[error("number_format")]
    NumberFormat,
    /// Larger than the value can hold.
    #[error("number_range")]
    NumberRange,
    #[error("amount_format")]
    AmountFormat,
    /// More decimals than the currency has; rounding would change what was written.
    #[error("amount_precision")]
    AmountPrecision,
    /// Larger than an amount can hold.
    #[error("amount_range")]
    AmountRange,
    #[error("boolean_format")]
    BooleanFormat,
    /// No 省, 市 or 区 of this name.
    #[error("region_unknown")]
    RegionUnknown,
    /// Several regions of this name, such as 朝阳区.
    #[error("region_ambiguous")]
    RegionAmbiguous,
}

impl Malformed {
    /// The code by which the UI finds its sentence.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PhoneFormat => "phone_format",
            Self::PhoneLength => "phone_length",
            Self::UsccLength => "uscc_length",
            Self::UsccCharset => "uscc_charset",
            Self::UsccChecksum => "uscc_checksum",
            Self::EmailFormat => "email_format",
            Self::UrlFormat => "url_format",
            Self::DateFormat => "date_format",
            Self::DateAmbiguous => "date_ambiguous",
            Self::NumberFormat => "number_format",
            Self::NumberRange => "number_range",
            Self::AmountFormat => "amount_format",
            Self::AmountPrecision => "amount_precision",
            Self::AmountRange => "amount_range",
            Self::BooleanFormat => "boolean_format",
            Self::RegionUnknown => "region_unknown",
            Self::RegionAmbiguous => "region_ambiguous",
        }
    }
}
