// The EU wallet's client of the CSC API, over TLS with a world's root: what it can do at a key server, a line each.
//
//     java -jar wallet-witness.jar ROOT.pem https://127.0.0.1:8743/csc/v2 CLIENT-ID CLIENT-SECRET
//
import eu.europa.ec.eudi.rqes.*
import io.ktor.client.HttpClient
import io.ktor.client.engine.java.Java
import io.ktor.client.plugins.contentnegotiation.ContentNegotiation
import io.ktor.serialization.kotlinx.json.json
import java.io.File
import java.net.URI
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.time.Instant
import java.util.Locale
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json

fun trusting(root: String): SSLContext {
    val certificate = File(root).inputStream().use { CertificateFactory.getInstance("X.509").generateCertificate(it) }
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null); setCertificateEntry("root", certificate) }
    val managers = TrustManagerFactory.getInstance("PKIX").apply { init(store) }.trustManagers
    return SSLContext.getInstance("TLS").apply { init(null, managers, null) }
}

fun tell(what: String, found: Result<Any?>) =
    println("$what: " + found.fold({ "$it" }, { error -> "refused: " + generateSequence(error) { it.cause }.joinToString(": ") { "${it::class.simpleName} ${it.message ?: ""}".trim() } }))

fun main(arguments: Array<String>): Unit = runBlocking {
    val (root, address, id, secret) = arguments
    val http = { HttpClient(Java) {
        engine { config { sslContext(trusting(root)) } }
        install(ContentNegotiation) { json(Json { ignoreUnknownKeys = true; explicitNulls = false }) }
    } }
    val metadata = RSSPId(address).mapCatching { RSSPMetadataResolver(http).resolve(it, Locale.ENGLISH).getOrThrow() }
    tell("info", metadata.map { "${it.name}, ${it.specs}, methods ${it.methods.map { method -> method.name }.sorted()}" })
    val configuration = CSCClientConfig(OAuth2Client.Confidential.ClientSecretBasic(id, secret), URI("https://127.0.0.1/callback"), URI("https://127.0.0.1/sca").toURL())
    val client = metadata.mapCatching { CSCClient.oauth2(configuration, it, http).getOrThrow() }
    tell("client", client.map { "made" })
    val csc = client.getOrNull() ?: return@runBlocking
    tell("authorization code", csc.prepareServiceAuthorizationRequest("state").map { "prepared" })
    val access = csc.authorizeWithClientCredentials()
    tell("client credentials", access.map { "authorized" })
    val service = access.getOrNull() ?: return@runBlocking
    val credentials = with(csc) { service.listCredentials(CredentialsListRequest(credentialInfo = true, certInfo = true, authInfo = true)) }
    tell("credentials/list", credentials.map { all -> all.map { it.credentialID.value }.sorted() })
    val first = credentials.getOrNull()?.firstOrNull() ?: return@runBlocking
    tell("credentials/info", with(csc) { service.credentialInfo(CredentialsInfoRequest(first.credentialID)) }.map { "${it.credentialID.value}, ${it.authorization::class.simpleName}" })
    // With the access token alone, as after an authorization code; the library never sends signature activation data.
    val authorized = CredentialAuthorized.SCAL1(service.tokens, first.credentialID, first.certificate)
    val digests = DocumentDigestList(listOf(DocumentDigest(Digest("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), "a document")), HashAlgorithmOID.SHA_256, Instant.now())
    tell("signatures/signHash", with(csc) { authorized.signHash(digests, SigningAlgorithmOID.ECDSA_SHA256) }.map { "${it.signatures.size} signature" })
}
