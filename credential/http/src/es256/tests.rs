use proptest::prelude::*;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use rustls::SignatureScheme;

use super::*;

fn generated() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

/// The scalar of a generated key, out of its PKCS#8.
fn scalar(key: &KeyPair) -> Vec<u8> {
    let der = key.serialize_der();
    let marker = [0x02, 0x01, 0x01, 0x04, 0x20];
    let start = der
        .windows(marker.len())
        .position(|window| window == marker)
        .unwrap()
        + marker.len();
    der[start..start + 32].to_vec()
}

/// `ECPrivateKey` of RFC 5915, as openssl and the AWS CLI write it.
fn sec1(key: &KeyPair, with_curve: bool, with_public_half: bool) -> Vec<u8> {
    let mut inside = vec![0x02, 0x01, 0x01, 0x04, 0x20];
    inside.extend(scalar(key));
    if with_curve {
        inside.extend([
            0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
        ]);
    }
    if with_public_half {
        inside.extend([0xa1, 0x44, 0x03, 0x42, 0x00]);
        inside.extend(key.public_key_raw());
    }
    let mut der = vec![SEQUENCE, u8::try_from(inside.len()).unwrap()];
    der.extend(inside);
    der
}

fn pem(label: &str, der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        for chunk in line.chunks(3) {
            let at = |place: usize| chunk.get(place).copied().map_or(0, usize::from);
            let word = at(0) << 16 | at(1) << 8 | at(2);
            for place in 0..4 {
                let letter = LETTERS[word >> (18 - 6 * place) & 63];
                text.push(if place <= chunk.len() {
                    char::from(letter)
                } else {
                    '='
                });
            }
        }
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

/// The inverse of what is tested, for the verifier, which wants DER.
fn der(signature: [u8; 64]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(number.len() - 1);
        let mut digits = number[start..].to_vec();
        if digits[0] >= 0x80 {
            digits.insert(0, 0);
        }
        [vec![INTEGER, u8::try_from(digits.len()).unwrap()], digits].concat()
    };
    let inside = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [vec![SEQUENCE, u8::try_from(inside.len()).unwrap()], inside].concat()
}

fn verifies(key: &KeyPair, message: &[u8], signature: [u8; 64]) -> bool {
    let algorithms = provider().signature_verification_algorithms;
    let (_, candidates) = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == SignatureScheme::ECDSA_NISTP256_SHA256)
        .unwrap();
    let signature = der(signature);
    candidates.iter().any(|algorithm| {
        algorithm
            .verify_signature(key.public_key_raw(), message, &signature)
            .is_ok()
    })
}

#[test]
fn a_key_in_either_form_signs_what_its_public_half_verifies() {
    let key = generated();
    let forms = [
        key.serialize_pem(),
        pem("EC PRIVATE KEY", &sec1(&key, true, true)),
        pem("EC PRIVATE KEY", &sec1(&key, false, true)),
        // As `openssl ecparam -genkey` writes it.
        pem("EC PARAMETERS", b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
            + &pem("EC PRIVATE KEY", &sec1(&key, true, true)),
        pem("EC PRIVATE KEY", &sec1(&key, true, true)).replace('\n', "\r\n"),
    ];
    for form in forms {
        let read = Es256Key::from_pem(&form).unwrap();
        let signature = read.sign(b"header.payload").unwrap();
        assert!(verifies(&key, b"header.payload", signature));
        assert!(!verifies(&key, b"header.payloae", signature));
    }
}

#[test]
fn signatures_of_every_length_are_read() {
    // One signature in 128 or so has a short number in it.
    let key = generated();
    let read = Es256Key::from_pem(&key.serialize_pem()).unwrap();
    for message in 0..1000_u32 {
        let message = message.to_be_bytes();
        assert!(verifies(&key, &message, read.sign(&message).unwrap()));
    }
}

#[test]
fn the_public_half_is_two_coordinates() {
    let key = generated();
    let (x, y) = Es256Key::from_pem(&key.serialize_pem()).unwrap().public_key();
    assert_eq!(key.public_key_raw(), [&[4][..], &x, &y].concat());
}

#[test]
fn what_is_no_key_on_p_256_is_refused() {
    let key = generated();
    let of = |algorithm| KeyPair::generate_for(algorithm).unwrap().serialize_pem();
    let good = pem("EC PRIVATE KEY", &sec1(&key, true, true));
    for (text, expected) in [
        (String::new(), Es256Error::Pem),
        ("no key at all".to_owned(), Es256Error::Pem),
        (good.replace("END", "ENE"), Es256Error::Pem),
        (good.replace("MHcCAQ", "M=!%AQ"), Es256Error::Pem),
        (good.replace("EC PRIVATE", "PUBLIC"), Es256Error::Pem),
        (pem("EC PRIVATE KEY", b""), Es256Error::Unreadable),
        (
            pem("EC PRIVATE KEY", &sec1(&key, true, true)[..60]),
            Es256Error::Unreadable,
        ),
        (of(&PKCS_ECDSA_P384_SHA384), Es256Error::OtherCurve),
        (of(&PKCS_ED25519), Es256Error::OtherCurve),
    ] {
        assert_eq!(Es256Key::from_pem(&text).unwrap_err(), expected);
    }
}

#[test]
fn a_key_without_its_public_half_is_refused_or_serves() {
    // ring wants it, aws-lc-rs works it out.
    let key = generated();
    match Es256Key::from_pem(&pem("EC PRIVATE KEY", &sec1(&key, true, false))) {
        Ok(read) => assert!(verifies(&key, b"m", read.sign(b"m").unwrap())),
        Err(error) => assert_eq!(error, Es256Error::Unreadable),
    }
}

#[test]
fn a_key_is_never_shown() {
    let key = generated();
    let pem = key.serialize_pem();
    let shown = format!("{:?}", Es256Key::from_pem(&pem).unwrap());
    assert_eq!(shown, "Es256Key(…)");
    let damaged = pem.replace("-----END", "!!!!!END");
    let error = Es256Key::from_pem(&damaged).unwrap_err();
    let body = pem.lines().nth(1).unwrap();
    assert!(!format!("{error} {error:?}").contains(body));
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn numbers_are_read_whatever_their_length() {
    let long = [0x7f; 32];
    let high = [0xff; 32];
    let number = |digits: &[u8]| [&[INTEGER, u8::try_from(digits.len()).unwrap()], digits].concat();
    let pair = |r: &[u8], s: &[u8]| {
        let inside = [number(r), number(s)].concat();
        [vec![SEQUENCE, u8::try_from(inside.len()).unwrap()], inside].concat()
    };
    let padded = |digits: &[u8]| [&vec![0; 32 - digits.len()], digits].concat();
    let zero_before = |digits: &[u8]| [&[0], digits].concat();
    for (r, s, expected) in [
        (long.to_vec(), long.to_vec(), [long, long].concat()),
        (zero_before(&high), long.to_vec(), [high, long].concat()),
        (long.to_vec(), zero_before(&high), [long, high].concat()),
        (vec![1], long.to_vec(), [padded(&[1]), long.to_vec()].concat()),
        (long.to_vec(), vec![1], [long.to_vec(), padded(&[1])].concat()),
        (
            zero_before(&high[1..]),
            vec![0x01, 0x80],
            [padded(&high[1..]), padded(&[0x01, 0x80])].concat(),
        ),
    ] {
        let read = two_numbers(&pair(&r, &s)).map(Vec::from);
        assert_eq!(read, Some(expected), "{r:02x?} {s:02x?}");
    }

    let good = pair(&long, &long);
    let mut other_sequence = good.clone();
    other_sequence[0] = 0x31;
    let mut other_integer = good.clone();
    other_integer[2] = 0x03;
    let mut too_short_inside = good.clone();
    too_short_inside[1] -= 1;
    let mut long_form = good.clone();
    long_form.splice(1..2, [0x81, good[1]]);
    for garbage in [
        vec![],
        vec![SEQUENCE],
        vec![SEQUENCE, 0],
        vec![SEQUENCE, 0x80],
        good[..good.len() - 1].to_vec(),
        [good.clone(), vec![0]].concat(),
        other_sequence,
        other_integer,
        too_short_inside,
        long_form,
        pair(&[], &long),
        pair(&long, &[]),
        // Negative.
        pair(&high, &long),
        // 33 digits.
        pair(&[0x01; 33], &long),
        pair(&long, &zero_before(&[0x80; 33])),
        [vec![SEQUENCE, 34], number(&long)].concat(),
    ] {
        assert_eq!(two_numbers(&garbage), None, "{garbage:02x?}");
    }
}

proptest! {
    #[test]
    fn any_two_numbers_come_back(r: [u8; 32], s: [u8; 32]) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&s);
        prop_assert_eq!(two_numbers(&der(signature)), Some(signature));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..90)) {
        let _ = two_numbers(&bytes);
    }
}

#[test]
fn random_bytes_differ() {
    let (mut first, mut second) = ([0; 16], [0; 16]);
    random_bytes(&mut first).unwrap();
    random_bytes(&mut second).unwrap();
    assert_ne!(first, second);
}
