#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    auth_client::fuzzing::loopback_request(bytes);
});
