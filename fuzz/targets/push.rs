#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ketu_fuzz::entries::push(data));
