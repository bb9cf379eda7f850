#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| chaperon_fuzz::structure(data));
