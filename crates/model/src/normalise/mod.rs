//! One spelling for what people spell in many ways: text, phones, e-mail, links, company names and credit codes.
//! Pure functions, used alike by forms, import, search and duplicate checks.

pub mod company;
pub mod email;
pub mod phone;
pub mod text;
pub mod url;
pub mod uscc;
