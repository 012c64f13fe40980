//! Object identifiers, each with its standard and the name that it has there.

use crate::ObjectIdentifier;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal;)*) => {
        $($(#[$doc])* pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($dotted);)*
    };
}

identifiers! {
    // Digests.
    /// md5, RFC 3370 §2.2.
    MD5 = "1.2.840.113549.2.5";
    /// ripemd160, ISO/IEC 10118-3 (TeleTrusT's identifier).
    RIPEMD_160 = "1.3.36.3.2.1";
    /// whirlpool, ISO/IEC 10118-3.
    WHIRLPOOL = "1.0.10118.3.0.55";
    /// id-sha224, RFC 5754 §2.1.
    SHA_224 = "2.16.840.1.101.3.4.2.4";
    /// id-sha3-256, NIST CSOR.
    SHA3_256 = "2.16.840.1.101.3.4.2.8";
    /// id-sha3-384, NIST CSOR.
    SHA3_384 = "2.16.840.1.101.3.4.2.9";
    /// id-sha3-512, NIST CSOR.
    SHA3_512 = "2.16.840.1.101.3.4.2.10";
    /// id-sha1, RFC 3279 §2.1.
    SHA_1 = "1.3.14.3.2.26";
    /// id-sha256, RFC 5754 §2.2.
    SHA_256 = "2.16.840.1.101.3.4.2.1";
    /// id-sha384, RFC 5754 §2.3.
    SHA_384 = "2.16.840.1.101.3.4.2.2";
    /// id-sha512, RFC 5754 §2.4.
    SHA_512 = "2.16.840.1.101.3.4.2.3";

    // Keys and signatures.
    /// rsaEncryption, RFC 8017 appendix C.
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    /// sha1WithRSAEncryption, RFC 8017 appendix C.
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
    /// id-mgf1, RFC 8017 appendix C.
    MGF1 = "1.2.840.113549.1.1.8";
    /// id-RSASSA-PSS, RFC 8017 appendix C.
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    /// sha256WithRSAEncryption, RFC 8017 appendix C.
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    /// sha384WithRSAEncryption, RFC 8017 appendix C.
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    /// sha512WithRSAEncryption, RFC 8017 appendix C.
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    /// md5WithRSAEncryption, RFC 8017 appendix C.
    MD5_WITH_RSA = "1.2.840.113549.1.1.4";
    /// sha224WithRSAEncryption, RFC 8017 appendix C.
    SHA224_WITH_RSA = "1.2.840.113549.1.1.14";
    /// sha1WithRSA of the OIW implementors' workshop, which old certificates have.
    SHA1_WITH_RSA_OIW = "1.3.14.3.2.29";
    /// rsaSignatureWithripemd160, TeleTrusT.
    RIPEMD160_WITH_RSA = "1.3.36.3.3.1.2";
    /// id-rsassa-pkcs1-v1_5-with-sha3-256, NIST CSOR.
    RSA_WITH_SHA3_256 = "2.16.840.1.101.3.4.3.14";
    /// id-rsassa-pkcs1-v1_5-with-sha3-384, NIST CSOR.
    RSA_WITH_SHA3_384 = "2.16.840.1.101.3.4.3.15";
    /// id-rsassa-pkcs1-v1_5-with-sha3-512, NIST CSOR.
    RSA_WITH_SHA3_512 = "2.16.840.1.101.3.4.3.16";
    /// id-dsa, RFC 3279 §2.3.2.
    DSA = "1.2.840.10040.4.1";
    /// id-dsa-with-sha1, RFC 3279 §2.2.2.
    DSA_WITH_SHA1 = "1.2.840.10040.4.3";
    /// dsaWithSHA1 of the OIW implementors' workshop.
    DSA_WITH_SHA1_OIW = "1.3.14.3.2.27";
    /// id-dsa-with-sha224, RFC 5758 §3.1.
    DSA_WITH_SHA224 = "2.16.840.1.101.3.4.3.1";
    /// id-dsa-with-sha256, RFC 5758 §3.1.
    DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2";
    /// id-dsa-with-sha384, NIST CSOR.
    DSA_WITH_SHA384 = "2.16.840.1.101.3.4.3.3";
    /// id-dsa-with-sha512, NIST CSOR.
    DSA_WITH_SHA512 = "2.16.840.1.101.3.4.3.4";
    /// id-dsa-with-sha3-256, NIST CSOR.
    DSA_WITH_SHA3_256 = "2.16.840.1.101.3.4.3.6";
    /// id-dsa-with-sha3-384, NIST CSOR.
    DSA_WITH_SHA3_384 = "2.16.840.1.101.3.4.3.7";
    /// id-dsa-with-sha3-512, NIST CSOR.
    DSA_WITH_SHA3_512 = "2.16.840.1.101.3.4.3.8";
    /// id-Ed25519, RFC 8410 §3.
    ED25519 = "1.3.101.112";
    /// id-Ed448, RFC 8410 §3.
    ED448 = "1.3.101.113";
    /// id-ecPublicKey, RFC 5480 §2.1.1.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// secp256r1, RFC 5480 §2.1.1.1.
    P_256 = "1.2.840.10045.3.1.7";
    /// secp384r1, RFC 5480 §2.1.1.1.
    P_384 = "1.3.132.0.34";
    /// secp521r1, RFC 5480 §2.1.1.1.
    P_521 = "1.3.132.0.35";
    /// secp224r1, RFC 5480 §2.1.1.1.
    P_224 = "1.3.132.0.33";
    /// secp256k1, SEC 2 §2.4.1.
    SECP256K1 = "1.3.132.0.10";
    /// brainpoolP256r1, RFC 5639 §4.1.
    BRAINPOOL_P256R1 = "1.3.36.3.3.2.8.1.1.7";
    /// brainpoolP256t1, RFC 5639 §4.1.
    BRAINPOOL_P256T1 = "1.3.36.3.3.2.8.1.1.8";
    /// brainpoolP384r1, RFC 5639 §4.1.
    BRAINPOOL_P384R1 = "1.3.36.3.3.2.8.1.1.11";
    /// brainpoolP384t1, RFC 5639 §4.1.
    BRAINPOOL_P384T1 = "1.3.36.3.3.2.8.1.1.12";
    /// brainpoolP512r1, RFC 5639 §4.1.
    BRAINPOOL_P512R1 = "1.3.36.3.3.2.8.1.1.13";
    /// FRP256v1, ANSSI.
    FRP256V1 = "1.2.250.1.223.101.256.1";
    /// ecdsa-with-SHA1, RFC 3279 §2.2.3.
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
    /// ecdsa-with-SHA256, RFC 5758 §3.2.
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    /// ecdsa-with-SHA384, RFC 5758 §3.2.
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
    /// ecdsa-with-SHA512, RFC 5758 §3.2.
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";
    /// ecdsa-with-SHA224, RFC 5758 §3.2.
    ECDSA_WITH_SHA224 = "1.2.840.10045.4.3.1";
    /// id-ecdsa-with-sha3-256, NIST CSOR.
    ECDSA_WITH_SHA3_256 = "2.16.840.1.101.3.4.3.10";
    /// id-ecdsa-with-sha3-384, NIST CSOR.
    ECDSA_WITH_SHA3_384 = "2.16.840.1.101.3.4.3.11";
    /// id-ecdsa-with-sha3-512, NIST CSOR.
    ECDSA_WITH_SHA3_512 = "2.16.840.1.101.3.4.3.12";
    /// ecdsa-plain-SHA1, BSI TR-03111 §5.2.1.
    ECDSA_PLAIN_SHA1 = "0.4.0.127.0.7.1.1.4.1.1";
    /// ecdsa-plain-SHA224, BSI TR-03111 §5.2.1.
    ECDSA_PLAIN_SHA224 = "0.4.0.127.0.7.1.1.4.1.2";
    /// ecdsa-plain-SHA256, BSI TR-03111 §5.2.1.
    ECDSA_PLAIN_SHA256 = "0.4.0.127.0.7.1.1.4.1.3";
    /// ecdsa-plain-SHA384, BSI TR-03111 §5.2.1.
    ECDSA_PLAIN_SHA384 = "0.4.0.127.0.7.1.1.4.1.4";
    /// ecdsa-plain-SHA512, BSI TR-03111 §5.2.1.
    ECDSA_PLAIN_SHA512 = "0.4.0.127.0.7.1.1.4.1.5";
    /// ecdsa-plain-RIPEMD160, BSI TR-03111 §5.2.1.
    ECDSA_PLAIN_RIPEMD160 = "0.4.0.127.0.7.1.1.4.1.6";

    // Names, X.520.
    /// id-at-commonName, X.520 §6.2.2.
    COMMON_NAME = "2.5.4.3";
    /// id-at-surname, X.520.
    SURNAME = "2.5.4.4";
    /// id-at-serialNumber, X.520.
    SERIAL_NUMBER = "2.5.4.5";
    /// id-at-countryName, X.520.
    COUNTRY = "2.5.4.6";
    /// id-at-localityName, X.520.
    LOCALITY = "2.5.4.7";
    /// id-at-stateOrProvinceName, X.520.
    STATE_OR_PROVINCE = "2.5.4.8";
    /// id-at-streetAddress, X.520.
    STREET = "2.5.4.9";
    /// id-at-organizationName, X.520.
    ORGANIZATION = "2.5.4.10";
    /// id-at-organizationalUnitName, X.520.
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    /// id-at-title, X.520.
    TITLE = "2.5.4.12";
    /// id-at-givenName, X.520.
    GIVEN_NAME = "2.5.4.42";
    /// id-at-organizationIdentifier, X.520; its grammar is that of ETSI EN 319 412-1 §5.1.4.
    ORGANIZATION_IDENTIFIER = "2.5.4.97";
    /// emailAddress, PKCS #9.
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
    /// domainComponent, RFC 4519 §2.4.
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
    /// uid, RFC 4519 §2.39.
    USER_ID = "0.9.2342.19200300.100.1.1";

    // Certificate and CRL extensions.
    /// id-ce-subjectKeyIdentifier, RFC 5280 §4.2.1.2.
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// id-ce-keyUsage, RFC 5280 §4.2.1.3.
    KEY_USAGE = "2.5.29.15";
    /// id-ce-privateKeyUsagePeriod, RFC 3280 §4.2.1.4.
    PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16";
    /// id-ce-subjectAltName, RFC 5280 §4.2.1.6.
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// id-ce-basicConstraints, RFC 5280 §4.2.1.9.
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// id-ce-cRLNumber, RFC 5280 §5.2.3.
    CRL_NUMBER = "2.5.29.20";
    /// id-ce-cRLReasons, RFC 5280 §5.3.1.
    CRL_REASON = "2.5.29.21";
    /// id-ce-invalidityDate, RFC 5280 §5.3.2.
    INVALIDITY_DATE = "2.5.29.24";
    /// id-ce-deltaCRLIndicator, RFC 5280 §5.2.4.
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// id-ce-issuingDistributionPoint, RFC 5280 §5.2.5.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// id-ce-certificateIssuer, RFC 5280 §5.3.3.
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// id-ce-nameConstraints, RFC 5280 §4.2.1.10.
    NAME_CONSTRAINTS = "2.5.29.30";
    /// id-ce-cRLDistributionPoints, RFC 5280 §4.2.1.13.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// id-ce-certificatePolicies, RFC 5280 §4.2.1.4.
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// anyPolicy, RFC 5280 §4.2.1.4.
    ANY_POLICY = "2.5.29.32.0";
    /// id-ce-policyMappings, RFC 5280 §4.2.1.5.
    POLICY_MAPPINGS = "2.5.29.33";
    /// id-ce-authorityKeyIdentifier, RFC 5280 §4.2.1.1.
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// id-ce-policyConstraints, RFC 5280 §4.2.1.11.
    POLICY_CONSTRAINTS = "2.5.29.36";
    /// id-ce-extKeyUsage, RFC 5280 §4.2.1.12.
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// id-ce-inhibitAnyPolicy, RFC 5280 §4.2.1.14.
    INHIBIT_ANY_POLICY = "2.5.29.54";
    /// id-ce-noRevAvail, RFC 9608 §2.
    NO_REV_AVAIL = "2.5.29.56";
    /// id-ce-expiredCertsOnCRL, X.509 §9.5.2.8.
    EXPIRED_CERTS_ON_CRL = "2.5.29.60";
    /// id-pe-authorityInfoAccess, RFC 5280 §4.2.2.1.
    AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// id-pe-qcStatements, RFC 3739 §3.2.6.
    QC_STATEMENTS = "1.3.6.1.5.5.7.1.3";
    /// id-ad-ocsp, RFC 5280 §4.2.2.1.
    ACCESS_OCSP = "1.3.6.1.5.5.7.48.1";
    /// id-ad-caIssuers, RFC 5280 §4.2.2.1.
    ACCESS_CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    /// ext-etsi-valassured-ST-certs, ETSI EN 319 412-1 §5.2.2.
    VALIDITY_ASSURED_SHORT_TERM = "0.4.0.194121.2.1";

    // Key purposes.
    /// anyExtendedKeyUsage, RFC 5280 §4.2.1.12.
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    /// id-kp-serverAuth, RFC 5280 §4.2.1.12.
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// id-kp-clientAuth, RFC 5280 §4.2.1.12.
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// id-kp-emailProtection, RFC 5280 §4.2.1.12.
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// id-kp-timeStamping, RFC 3161 §2.3.
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// id-kp-OCSPSigning, RFC 6960 §4.2.2.2.
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// id-kp-documentSigning, RFC 9336.
    DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
    /// id-tsl-kp-tslSigning, ETSI TS 119 612.
    TSL_SIGNING = "0.4.0.2231.3.0";

    // Qualified-certificate statements, ETSI EN 319 412-1 and -5.
    /// id-qcs-pkixQCSyntax-v2, RFC 3739 §3.2.6.1.
    QCS_PKIX_SYNTAX_V2 = "1.3.6.1.5.5.7.11.2";
    /// id-etsi-qcs-SemanticsId-Legal, EN 319 412-1 §5.1.4.
    SEMANTICS_LEGAL = "0.4.0.194121.1.2";
    /// esi4-qcStatement-1, QcCompliance.
    QC_COMPLIANCE = "0.4.0.1862.1.1";
    /// esi4-qcStatement-4, QcSSCD.
    QC_SSCD = "0.4.0.1862.1.4";
    /// esi4-qcStatement-5, QcPDS.
    QC_PDS = "0.4.0.1862.1.5";
    /// esi4-qcStatement-6, QcType.
    QC_TYPE = "0.4.0.1862.1.6";
    /// id-etsi-qct-eseal.
    QC_TYPE_ESEAL = "0.4.0.1862.1.6.2";

    // OCSP, RFC 6960.
    /// id-pkix-ocsp-basic, §4.2.1.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// id-pkix-ocsp-nonce, §4.4.1.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// id-pkix-ocsp-response, RFC 6960 §4.4.3.
    OCSP_RESPONSE_TYPES = "1.3.6.1.5.5.7.48.1.4";
    /// id-pkix-ocsp-nocheck, §4.2.2.2.1.
    OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";
    /// id-pkix-ocsp-archive-cutoff, §4.4.4.
    OCSP_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6";
    /// id-commonpki-at-certHash, Common PKI 2.0 part 4 §3.1.2.
    OCSP_CERTIFICATE_HASH = "1.3.36.8.3.13";

    // CMS, RFC 5652, and its attributes.
    /// id-data, RFC 5652 §4.
    DATA = "1.2.840.113549.1.7.1";
    /// id-signedData, RFC 5652 §5.1.
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// id-contentType, RFC 5652 §11.1.
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// id-messageDigest, RFC 5652 §11.2.
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    /// id-signingTime, RFC 5652 §11.3.
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    /// id-countersignature, RFC 5652 §11.4.
    COUNTERSIGNATURE = "1.2.840.113549.1.9.6";
    /// pkcs-9-at-extensionRequest, RFC 2985 §5.4.2.
    EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
    /// id-ct-TSTInfo, RFC 3161 §2.4.2.
    TST_INFO = "1.2.840.113549.1.9.16.1.4";
    /// id-aa-signingCertificate, RFC 2634 §5.4.
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
    /// id-aa-signatureTimeStampToken, RFC 3161 appendix A.
    SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14";
    /// id-aa-ets-sigPolicyId, RFC 5126 §5.8.1.
    SIGNATURE_POLICY_IDENTIFIER = "1.2.840.113549.1.9.16.2.15";
    /// id-aa-ets-commitmentType, RFC 5126 §5.11.1.
    COMMITMENT_TYPE = "1.2.840.113549.1.9.16.2.16";
    /// id-aa-ets-contentTimestamp, RFC 5126 §5.11.4.
    CONTENT_TIME_STAMP = "1.2.840.113549.1.9.16.2.20";
    /// id-aa-signingCertificateV2, RFC 5035 §3.
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
    /// id-aa-cmsAlgorithmProtect, RFC 6211 §2.
    CMS_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52";
    /// adbe-revocationInfoArchival, ISO 32000-1 §12.8.3.3.2.
    REVOCATION_INFO_ARCHIVAL = "1.2.840.113583.1.1.8";
    /// An OCSP response among the crls of a message (RFC 5940).
    RI_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2";
    /// itu-t(0) etsi(4) TimeStampPolicy(2023) baseline-ts-policy, ETSI EN 319 421 §5.2.
    BASELINE_TIME_STAMP_POLICY = "0.4.0.2023.1.1";
}

identifiers! {
    // The testbed's own certificate and time-stamp policies, under the arc that ITU-T X.667 gives to the UUID
    // 00000000-0000-0000-0000-000000736561 ("sea"). Its decimal form fits 28 bits: much deployed software reads no larger arc
    // (31 bits in Go's encoding/asn1, 28 in linters over pyasn1), and no UUID that a generator makes can be equal to it.
    /// testbed-eseal-level1: a seal certificate as a certification service without accreditation would issue it.
    TESTBED_SEAL_LEVEL_1_POLICY = "2.25.7562593.1";
    /// testbed-eseal-level2: a seal certificate as an accredited certification service would issue it.
    TESTBED_SEAL_LEVEL_2_POLICY = "2.25.7562593.2";
    /// testbed-tsa: certificates and tokens of the time-stamping authority.
    TESTBED_TSA_POLICY = "2.25.7562593.3";
    /// testbed-badge: certificates of keys that sign badges.
    TESTBED_BADGE_POLICY = "2.25.7562593.4";
}
