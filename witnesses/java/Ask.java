import java.io.FileInputStream;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Java's two HTTP clients over TLS, with a world's root and nothing else trusted: {@code java Ask.java ROOT.pem URL [TYPE BODY [ANSWER]]}: GET,
 * or POST if there is a body. A line each: the version of TLS, the status, the type of the answer.
 */
class Ask {
    public static void main(String[] words) throws Exception {
        SSLContext context = trusting(words[0]);
        byte[] body = words.length > 3 ? Files.readAllBytes(Path.of(words[3])) : null;
        try {
            HttpsURLConnection old = (HttpsURLConnection) new URL(words[1]).openConnection();
            old.setSSLSocketFactory(context.getSocketFactory());
            if (body != null) {
                old.setDoOutput(true);
                old.setRequestProperty("Content-Type", words[2]);
                old.getOutputStream().write(body);
            }
            System.out.println("HttpsURLConnection: " + old.getResponseCode() + ", " + old.getContentType() + ", " + old.getCipherSuite().split("_")[0]);
            old.getInputStream().readAllBytes();
            HttpClient client = HttpClient.newBuilder().sslContext(context).build();
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(words[1]));
            if (body != null) {
                request.header("Content-Type", words[2]).POST(HttpRequest.BodyPublishers.ofByteArray(body));
            }
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            String type = answer.headers().firstValue("Content-Type").orElse("-");
            System.out.println("HttpClient: " + answer.sslSession().get().getProtocol() + ", " + answer.statusCode() + ", " + type);
            if (words.length > 4) {
                Files.write(Path.of(words[4]), answer.body());
            }
        } catch (java.io.IOException refused) {
            System.out.println("FAIL: " + refused.getMessage());
        }
    }

    static SSLContext trusting(String root) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (FileInputStream file = new FileInputStream(root)) {
            store.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
