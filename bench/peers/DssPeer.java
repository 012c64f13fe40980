import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.TokenExtractionStrategy;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxDefaultObjectFactory;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.tsp.KeyEntityTSPSource;
import eu.europa.esig.dss.validation.policy.ValidationPolicyLoader;

import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * EU DSS on the files of a folder: seals B-B and B-LTA, validates B-LTA with and without its comparison of pages.
 * In: FOLDER SECONDS, the folder as for pyhanko_peer.py. Out: lines of name, operations, seconds, processor seconds.
 * Everything stays in this process, time-stamps too. Each measure begins after several seconds of the same work.
 */
public final class DssPeer {
    private static Path folder;
    private static double seconds;

    interface Work {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.awt.headless", "true");
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        folder = Path.of(arguments[0]);
        seconds = Double.parseDouble(arguments[1]);
        measure("seal-bb", sealing(SignatureLevel.PAdES_BASELINE_B));
        measure("seal-blta", sealing(SignatureLevel.PAdES_BASELINE_LTA));
        measure("verify-blta", validating(false));
        measure("verify-blta-pages", validating(true));
        System.exit(0);
    }

    private static void measure(String name, Work work) throws Exception {
        long end = System.nanoTime() + 6_000_000_000L; // until the compiler of the virtual machine is done
        while (System.nanoTime() < end) work.run();
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long operations = 0, begin = System.nanoTime(), processor = system.getProcessCpuTime();
        while (System.nanoTime() - begin < seconds * 1e9) {
            work.run();
            operations++;
        }
        double elapsed = (System.nanoTime() - begin) / 1e9;
        System.out.println(name + " " + operations + " " + elapsed + " " + (system.getProcessCpuTime() - processor) / 1e9);
    }

    private static List<X509Certificate> certificates(String name) throws Exception {
        var found = new ArrayList<X509Certificate>();
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        for (var one : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes))) {
            found.add((X509Certificate) one);
        }
        return found;
    }

    private static PrivateKey key(String name) throws Exception {
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve(name))));
    }

    private static CommonCertificateVerifier verifier(boolean withLists) throws Exception {
        var verifier = new CommonCertificateVerifier(true);
        var anchors = new CommonTrustedCertificateSource();
        for (X509Certificate one : certificates("root.pem")) anchors.addCertificate(new CertificateToken(one));
        var others = new CommonCertificateSource();
        for (X509Certificate one : certificates("intermediates.pem")) others.addCertificate(new CertificateToken(one));
        verifier.addTrustedCertSources(anchors);
        verifier.addAdjunctCertSources(others);
        if (withLists) {
            verifier.setCrlSource(new ExternalResourcesCRLSource(
                    new FileDocument(folder.resolve("root.crl").toFile()), new FileDocument(folder.resolve("issuing.crl").toFile())));
        }
        return verifier;
    }

    private static Work sealing(SignatureLevel level) throws Exception {
        List<X509Certificate> chain = certificates("seal.pem"), tsa = certificates("tsa.pem");
        var tokens = chain.stream().map(CertificateToken::new).toList();
        PrivateKey key = key("seal.p8");
        DSSDocument blank = new InMemoryDocument(Files.readAllBytes(folder.resolve("blank.pdf")));
        var stamper = new KeyEntityTSPSource(key("tsa.p8"), tsa.get(0), tsa);
        stamper.setTsaPolicy("1.2.3.4");
        var service = new PAdESService(verifier(true));
        service.setTspSource(stamper);
        return () -> {
            var parameters = new PAdESSignatureParameters();
            parameters.setSignatureLevel(level);
            parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
            parameters.setSigningCertificate(tokens.get(0));
            parameters.setCertificateChain(tokens);
            parameters.bLevel().setSigningDate(new Date());
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(service.getDataToSign(blank, parameters).getBytes());
            var value = new SignatureValue(SignatureAlgorithm.ECDSA_SHA256, signature.sign());
            service.signDocument(blank, parameters, value);
        };
    }

    private static Work validating(boolean pages) throws Exception {
        var sealed = new InMemoryDocument(Files.readAllBytes(folder.resolve("sealed.pdf")));
        var policy = ValidationPolicyLoader.fromDefaultValidationPolicy().create();
        var verifier = verifier(false);
        return () -> {
            var validator = new PDFDocumentValidator(sealed);
            validator.setCertificateVerifier(verifier);
            validator.setTokenExtractionStrategy(TokenExtractionStrategy.NONE);
            validator.setEnableEtsiValidationReport(false);
            if (!pages) {
                var differences = new DefaultPdfDifferencesFinder();
                differences.setMaximalPagesAmountForVisualComparison(0);
                var factory = new PdfBoxDefaultObjectFactory();
                factory.setPdfDifferencesFinder(differences);
                validator.setPdfObjFactory(factory);
            }
            var report = validator.validateDocument(policy).getSimpleReport();
            Indication verdict = report.getIndication(report.getFirstSignatureId());
            if (verdict != Indication.TOTAL_PASSED) {
                throw new IllegalStateException("EU DSS does not pass the file: " + verdict + " "
                        + report.getSubIndication(report.getFirstSignatureId()));
            }
        };
    }
}
