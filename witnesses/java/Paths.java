import java.io.FileInputStream;
import java.io.InputStream;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Java's CertPathBuilder, which looks up revocation as it goes: {@code java Paths.java crl|ocsp ROOTS.pem OTHERS.pem LEAF.pem}. A line: the path
 * that it found, or why none. Java itself fetches CRLs if {@code com.sun.security.enableCRLDP} is set, issuers if {@code …enableAIAcaIssuers} is.
 */
class Paths {
    public static void main(String[] words) throws Exception {
        Set<TrustAnchor> roots = new HashSet<>();
        for (Certificate root : certificates(words[1])) {
            roots.add(new TrustAnchor((X509Certificate) root, null));
        }
        List<Certificate> known = new ArrayList<>(certificates(words[2]));
        X509Certificate leaf = (X509Certificate) certificates(words[3]).iterator().next();
        known.add(leaf);
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(leaf);
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(roots, target);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
        parameters.setRevocationEnabled(false); // what a checker that was added says counts all the same
        parameters.addCertPathChecker(checker(words[0]));
        CertPathBuilder builder = CertPathBuilder.getInstance("PKIX");
        try {
            System.out.println(path((PKIXCertPathBuilderResult) builder.build(parameters)));
        } catch (CertPathBuilderException none) {
            System.out.println("FAIL: " + reason(builder, parameters, words[0], none));
        }
    }

    /** The builder only says that it found nothing. So: what is wrong with the path that there is if nobody asks for revocation? */
    static String reason(CertPathBuilder builder, PKIXBuilderParameters parameters, String by, CertPathBuilderException none) throws Exception {
        parameters.setCertPathCheckers(null);
        try {
            PKIXCertPathBuilderResult found = (PKIXCertPathBuilderResult) builder.build(parameters);
            parameters.addCertPathChecker(checker(by));
            CertPathValidator.getInstance("PKIX").validate(found.getCertPath(), parameters);
            return "not built, and yet valid: " + path(found);
        } catch (CertPathValidatorException invalid) {
            Certificate at = invalid.getCertPath().getCertificates().get(invalid.getIndex());
            return name(at) + ": " + invalid.getMessage();
        } catch (CertPathBuilderException noneEither) {
            return none.getMessage();
        }
    }

    static PKIXRevocationChecker checker(String by) throws Exception {
        PKIXRevocationChecker checker = (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        Set<PKIXRevocationChecker.Option> options = EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK);
        if (by.equals("crl")) {
            options.add(PKIXRevocationChecker.Option.PREFER_CRLS);
        }
        checker.setOptions(options);
        return checker;
    }

    static String path(PKIXCertPathBuilderResult found) {
        String path = found.getCertPath().getCertificates().stream().map(Paths::name).collect(Collectors.joining(" < "));
        return path + " < " + name(found.getTrustAnchor().getTrustedCert());
    }

    static String name(Certificate certificate) {
        String name = ((X509Certificate) certificate).getSubjectX500Principal().getName();
        return name.replaceAll("^.*?CN=([^,]*).*$", "$1");
    }

    static Collection<? extends Certificate> certificates(String path) throws Exception {
        try (InputStream file = new FileInputStream(path)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(file);
        }
    }
}
