//! The order decision, record, egress is held by the compiler: each program that breaks it is one edit away from a twin
//! that compiles.

#[test]
fn any_other_order_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/order/*_refused.rs");
    cases.pass("tests/order/*_allowed.rs");
}
