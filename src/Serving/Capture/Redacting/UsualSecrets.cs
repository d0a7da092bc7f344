namespace Lambda.Capture.Redacting;

/// <summary>What holds secrets or tells who somebody is in most applications, and is denied unless it is allowed by name.</summary>
internal static class UsualSecrets
{
    /// <summary>Headers of requests and responses: credentials, cookies, and addresses of people.</summary>
    public static readonly string[] Headers =
    [
        "Authorization", "Proxy-Authorization", "WWW-Authenticate", "Authentication-Info", "Cookie", "Set-Cookie", "X-Api-Key", "Api-Key", "X-Auth-Token",
        "X-Access-Token", "X-CSRF-Token", "X-XSRF-TOKEN", "RequestVerificationToken", "X-Amz-Security-Token", "X-Goog-Iap-Jwt-Assertion", "X-Ms-Token-Aad-Access-Token",
        "X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Forwarded",
    ];

    /// <summary>Parameters of queries.</summary>
    public static readonly string[] QueryParameters =
    [
        "access_token", "refresh_token", "id_token", "token", "code", "state", "password", "passwd", "pwd", "secret", "client_secret", "api_key", "apikey", "key",
        "auth", "sig", "signature", "session", "sessionid", "session_id", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "X-Goog-Signature",
        "email",
    ];

    /// <summary>Members of events, by their names in JSON.</summary>
    public static readonly string[] Members =
    [
        "password", "passwd", "pwd", "secret", "clientSecret", "apiKey", "token", "accessToken", "refreshToken", "idToken", "authorization", "cookie", "cookies",
        "creditCard", "cardNumber", "cvv", "cvc", "iban", "ssn",
    ];
}
