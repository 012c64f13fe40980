import eu.europa.esig.dss.detailedreport.DetailedReport;
import eu.europa.esig.dss.diagnostic.AbstractSignatureWrapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.TokenExtractionStrategy;
import eu.europa.esig.dss.enumerations.ValidationLevel;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.policy.ValidationPolicy;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.http.commons.CommonsDataLoader;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.client.http.DataLoader;
import eu.europa.esig.dss.spi.client.http.IgnoreDataLoader;
import eu.europa.esig.dss.spi.exception.DSSExternalResourceException;
import eu.europa.esig.dss.spi.policy.SignaturePolicyProvider;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.policy.ValidationPolicyLoader;
import eu.europa.esig.dss.validation.reports.Reports;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Outside witness for PAdES: validates PDF files with EU DSS and prints one JSON object per line. */
public final class DssWitness {

    static final String USAGE = """
            usage: DssWitness [options] FILE.pdf ...
              --anchor PEM        trust anchor (repeatable; PEM bundle or DER)
              --cert PEM          further certificates for chain building (repeatable)
              --time ISO-INSTANT  validation time, default now
              --policy XML        DSS validation policy, default the one inside dss-policy-jaxb
              --level BASIC|TIMESTAMPS|LONG_TERM|ARCHIVAL   (default ARCHIVAL)
              --online            fetch CRL, OCSP and AIA over http, loopback only
              --crl DER           a CRL that is at hand (repeatable); with it or --ocsp nothing is fetched
              --ocsp DER          an OCSP response that is at hand (repeatable)
              --verbose           DSS log on stderr
              --runs FILE         each line holds the options and files of one run, separated by tabs; no other option then
            exit: 0 every file has a signature, all are TOTAL_PASSED and no later change is suspicious; 1 otherwise; 2 usage""";

    private final CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
    private final CommonCertificateSource others = new CommonCertificateSource();
    private final List<File> files = new ArrayList<>();
    private final List<DSSDocument> crls = new ArrayList<>();
    private final List<DSSDocument> ocsps = new ArrayList<>();
    private ValidationLevel level = ValidationLevel.ARCHIVAL_DATA;
    private ValidationPolicy policy;
    private Date time;
    private boolean online;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] args) throws Exception {
        System.setProperty("java.awt.headless", "true");        // PDFBox renders pages to compare them
        if (!List.of(args).contains("--verbose")) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        }
        boolean ok = true;
        List<DssWitness> runs = new ArrayList<>();
        try {
            for (String[] words : runs(args)) {
                DssWitness w = new DssWitness();
                w.parse(words);
                runs.add(w);
            }
        } catch (Exception e) {
            System.err.println(e + "\n" + USAGE);
            System.exit(2);
        }
        for (DssWitness w : runs) ok &= w.run();
        System.exit(ok ? 0 : 1);
    }

    private static List<String[]> runs(String[] args) throws Exception {
        if (args.length == 0 || !args[0].equals("--runs")) return List.<String[]>of(args);
        return Files.readAllLines(Path.of(args[1])).stream().map(line -> line.split("\t")).toList();
    }

    private void parse(String[] a) throws Exception {
        String policyFile = null;
        for (int i = 0; i < a.length; i++) {
            switch (a[i]) {
                case "--anchor" -> load(a[++i]).forEach(anchors::addCertificate);
                case "--cert" -> load(a[++i]).forEach(others::addCertificate);
                case "--time" -> time = Date.from(Instant.parse(a[++i]));
                case "--policy" -> policyFile = a[++i];
                case "--level" -> level = level(a[++i]);
                case "--online" -> online = true;
                case "--crl" -> crls.add(new FileDocument(a[++i]));
                case "--ocsp" -> ocsps.add(new FileDocument(a[++i]));
                case "--verbose" -> { }
                default -> {
                    if (a[i].startsWith("--")) throw new IllegalArgumentException("unknown option " + a[i]);
                    files.add(new File(a[i]));
                }
            }
        }
        if (files.isEmpty()) throw new IllegalArgumentException("no file");
        policy = (policyFile == null ? ValidationPolicyLoader.fromDefaultValidationPolicy()
                : ValidationPolicyLoader.fromValidationPolicy(new File(policyFile))).create();
    }

    private static ValidationLevel level(String s) {
        return switch (s) {
            case "BASIC" -> ValidationLevel.BASIC_SIGNATURES;
            case "LONG_TERM" -> ValidationLevel.LONG_TERM_DATA;
            case "ARCHIVAL" -> ValidationLevel.ARCHIVAL_DATA;
            default -> ValidationLevel.valueOf(s);
        };
    }

    private static List<CertificateToken> load(String file) throws Exception {
        List<CertificateToken> r = new ArrayList<>();
        byte[] bytes = Files.readAllBytes(Path.of(file));
        for (var c : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes))) {
            r.add(new CertificateToken((X509Certificate) c));
        }
        if (r.isEmpty()) throw new IllegalArgumentException("no certificate in " + file);
        return r;
    }

    private boolean run() {
        boolean ok = true;
        for (File f : files) ok &= validate(f);
        return ok;
    }

    // ---------------------------------------------------------------- trust and network

    /** Online: plain http(s) to loopback (or anywhere with --any-host). Offline: nothing leaves the process. */
    private DataLoader loader(String contentType) {
        if (!online) return new IgnoreDataLoader();
        CommonsDataLoader l = new CommonsDataLoader() {
            @Override protected synchronized CloseableHttpClient getHttpClient(String url) {
                if (!allowed(url)) throw refused(url);
                return super.getHttpClient(url);
            }
            @Override protected byte[] ldapGet(String url) { throw refused(url); }
            @Override protected byte[] ftpGet(String url) { throw refused(url); }
            @Override protected byte[] fileGet(String url) { throw refused(url); }
        };
        if (contentType != null) l.setContentType(contentType);
        l.setTimeoutConnection(5_000);
        l.setTimeoutSocket(10_000);
        l.setTimeoutResponse(10_000);
        l.setRedirectsEnabled(false);
        return l;
    }

    /** Decided on the text of the address: a name is never looked up. */
    private boolean allowed(String url) {
        try {
            return URI.create(url).getHost().matches("localhost|127(\\.\\d{1,3}){3}|\\[::1]");
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static DSSExternalResourceException refused(String url) {
        return new DSSExternalResourceException("refused by DssWitness: " + url);
    }

    private CommonCertificateVerifier verifier() {
        // "true" leaves out the AIA source; the no-argument constructor would fetch issuers from the network
        CommonCertificateVerifier v = new CommonCertificateVerifier(true);
        v.addTrustedCertSources(anchors);
        v.addAdjunctCertSources(others);
        if (!crls.isEmpty()) v.setCrlSource(new ExternalResourcesCRLSource(crls.toArray(DSSDocument[]::new)));
        if (!ocsps.isEmpty()) v.setOcspSource(new ExternalResourcesOCSPSource(ocsps.toArray(DSSDocument[]::new)));
        if (online && crls.isEmpty() && ocsps.isEmpty()) {
            v.setAIASource(new DefaultAIASource(loader(null)));
            v.setCrlSource(new OnlineCRLSource(loader(null)));
            v.setOcspSource(new OnlineOCSPSource(loader("application/ocsp-request")));
        }
        return v;
    }

    // ---------------------------------------------------------------- one file

    Reports reports(File f) {
        PDFDocumentValidator v = new PDFDocumentValidator(new FileDocument(f));
        v.setCertificateVerifier(verifier());
        SignaturePolicyProvider policies = new SignaturePolicyProvider();
        policies.setDataLoader(loader(null));                  // the default one would use the network
        v.setSignaturePolicyProvider(policies);
        if (time != null) v.setValidationTime(time);
        v.setValidationLevel(level);
        v.setTokenExtractionStrategy(TokenExtractionStrategy.NONE);
        v.setEnableEtsiValidationReport(false);
        v.setIncludeSemantics(false);
        return v.validateDocument(policy);
    }

    private boolean validate(File f) {
        long t0 = System.nanoTime();
        Map<String, Object> sum = new LinkedHashMap<>();
        sum.put("type", "file");
        sum.put("file", f.getPath());
        boolean ok = false;
        try {
            Reports r = reports(f);
            SimpleReport s = r.getSimpleReport();
            DiagnosticData d = r.getDiagnosticData();
            Map<String, String> owner = new HashMap<>();
            Map<Indication, Integer> count = new EnumMap<>(Indication.class);
            int suspicious = 0;
            for (SignatureWrapper sig : d.getSignatures()) {
                sig.getTimestampIdsList().forEach(id -> owner.putIfAbsent(id, sig.getId()));
                count.merge(s.getIndication(sig.getId()), 1, Integer::sum);
                if (suspicious(sig)) suspicious++;
                print(signature(f, sig, s, r.getDetailedReport()));
            }
            int passed = 0;
            for (TimestampWrapper t : d.getTimestampList()) {
                Map<String, Object> m = timestamp(f, t, owner.get(t.getId()), s, r.getDetailedReport());
                if (m.get("indication") == Indication.PASSED) passed++;
                print(m);
            }
            int n = d.getSignatures().size();
            sum.put("signatures", n);
            for (Indication i : List.of(Indication.TOTAL_PASSED, Indication.INDETERMINATE, Indication.TOTAL_FAILED)) {
                sum.put(i.name().toLowerCase(), count.getOrDefault(i, 0));
            }
            sum.put("suspicious", suspicious);
            sum.put("timestamps", d.getTimestampList().size());
            sum.put("timestamps_passed", passed);
            sum.put("validation_time", s.getValidationTime());
            ok = n > 0 && n == count.getOrDefault(Indication.TOTAL_PASSED, 0) && suspicious == 0;
        } catch (Throwable e) {                                 // also NoClassDefFoundError, StackOverflowError
            sum.put("error", e.toString());
            if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) e.printStackTrace();
        }
        sum.put("ms", (System.nanoTime() - t0) / 1_000_000);
        print(sum);
        return ok;
    }

    private static Map<String, Object> signature(File f, SignatureWrapper sig, SimpleReport s, DetailedReport d) {
        String id = sig.getId();
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("type", "signature");
        m.put("file", f.getPath());
        m.put("id", id);
        m.put("field", sig.getFirstFieldName());
        m.put("format", s.getSignatureFormat(id));
        m.put("sub_filter", sig.getSubFilter());
        m.put("indication", s.getIndication(id));
        m.put("sub_indication", s.getSubIndication(id));
        m.put("best_signature_time", s.getBestSignatureTime(id));
        m.put("claimed_time", s.getSigningTime(id));
        m.put("signed_by", s.getSignedBy(id));
        m.put("qualification", s.getSignatureQualification(id));
        m.put("basic", both(d.getBasicValidationIndication(id), d.getBasicValidationSubIndication(id)));
        m.put("with_time", both(d.getLongTermValidationIndication(id), d.getLongTermValidationSubIndication(id)));
        m.put("lta", both(d.getArchiveDataValidationIndication(id), d.getArchiveDataValidationSubIndication(id)));
        m.put("errors", messages(s.getAdESValidationErrors(id)));
        m.put("warnings", messages(s.getAdESValidationWarnings(id)));
        m.put("pdf", pdf(sig));
        return m;
    }

    private static Map<String, Object> timestamp(File f, TimestampWrapper t, String owner, SimpleReport s, DetailedReport d) {
        String id = t.getId();
        boolean reported = s.getIndication(id) != null;         // false below the level TIMESTAMPS
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("type", "timestamp");
        m.put("file", f.getPath());
        m.put("id", id);
        m.put("kind", t.getType());
        m.put("signature", owner);
        m.put("field", t.getPDFRevision() == null ? null : t.getFirstFieldName());
        m.put("indication", s.getIndication(id));
        m.put("sub_indication", s.getSubIndication(id));
        m.put("production_time", t.getProductionTime());
        m.put("produced_by", reported ? s.getProducedBy(id) : null);
        m.put("imprint_intact", t.isMessageImprintDataFound() && t.isMessageImprintDataIntact());
        m.put("basic", both(d.getBasicTimestampValidationIndication(id), d.getBasicTimestampValidationSubIndication(id)));
        m.put("lta", both(d.getArchiveDataTimestampValidationIndication(id), d.getArchiveDataTimestampValidationSubIndication(id)));
        m.put("errors", messages(s.getAdESValidationErrors(id)));
        m.put("warnings", messages(s.getAdESValidationWarnings(id)));
        if (t.getPDFRevision() != null) m.put("pdf", pdf(t));
        return m;
    }

    /** What happened to the file after this signature; the default policy only warns about most of it. */
    private static Map<String, Object> pdf(AbstractSignatureWrapper s) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("byte_range", s.getSignatureByteRange());
        m.put("byte_range_valid", s.isSignatureByteRangeValid());
        m.put("dictionary_consistent", s.isPdfSignatureDictionaryConsistent());
        m.put("doc_mdp", s.getDocMDPPermissions());
        m.put("overlap_pages", s.getPdfAnnotationsOverlapConcernedPages());
        m.put("visual_difference_pages", s.getPdfVisualDifferenceConcernedPages());
        m.put("page_difference_pages", s.getPdfPageDifferenceConcernedPages());
        m.put("extension_changes", s.getPdfExtensionChanges().size());
        m.put("form_changes", changes(s.getPdfSignatureOrFormFillChanges()));
        m.put("annotation_changes", changes(s.getPdfAnnotationChanges()));
        m.put("undefined_changes", changes(s.getPdfUndefinedChanges()));
        m.put("modified_fields", new LinkedHashSet<>(s.getModifiedFieldNames()));
        m.put("suspicious", suspicious(s));
        return m;
    }

    private static boolean suspicious(AbstractSignatureWrapper s) {
        return !(s.getPdfUndefinedChanges().isEmpty() && s.getPdfAnnotationsOverlapConcernedPages().isEmpty()
                && s.getPdfVisualDifferenceConcernedPages().isEmpty() && s.getPdfPageDifferenceConcernedPages().isEmpty());
    }

    private static List<String> changes(List<XmlObjectModification> l) {
        return l.stream().map(x -> x.getAction() + " " + x.getValue()).toList();
    }

    private static String both(Indication i, Object sub) {
        return i == null ? null : sub == null ? i.name() : i.name() + "/" + sub;
    }

    private static List<Map<String, Object>> messages(List<Message> l) {
        List<Map<String, Object>> r = new ArrayList<>();
        for (Message x : l) {
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("key", x.getKey());
            m.put("text", x.getValue());
            r.add(m);
        }
        return r;
    }

    // ---------------------------------------------------------------- JSON

    private void print(Map<String, Object> m) {
        StringBuilder b = new StringBuilder();
        json(b, m);
        out.println(b);
    }

    private static void json(StringBuilder b, Object o) {
        if (o == null || o instanceof Number || o instanceof Boolean) {
            b.append(o);
        } else if (o instanceof Map<?, ?> m) {
            String sep = "{";
            for (var e : m.entrySet()) {
                b.append(sep);
                json(b, e.getKey());
                json(b.append(':'), e.getValue());
                sep = ",";
            }
            b.append(m.isEmpty() ? "{}" : "}");
        } else if (o instanceof Collection<?> c) {
            String sep = "[";
            for (Object e : c) {
                json(b.append(sep), e);
                sep = ",";
            }
            b.append(c.isEmpty() ? "[]" : "]");
        } else {
            b.append('"');
            (o instanceof Date d ? d.toInstant().toString() : o.toString()).chars().forEach(c -> {
                if (c == '"' || c == '\\') b.append('\\').append((char) c);
                else if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || (c >= 0xd800 && c <= 0xdfff) || c == 0x2028 || c == 0x2029)
                    b.append(String.format("\\u%04x", c));
                else b.append((char) c);
            });
            b.append('"');
        }
    }
}
