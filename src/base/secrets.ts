/**
 * Keeps passwords out of everything that people or files get to see. Used where
 * a text is made (the source) and again where it is printed (the sink).
 *
 * @module
 */

/**
 * Password (or a whole "user:password") in front of a host, as in
 * `rtsp://user:secret@10.0.0.5/`. The last "@" before the path ends it, because
 * people type passwords with "@" in them.
 */
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)([^\s/?#"']*)@/gi;

/** Query parameters that cameras use for credentials. */
const QUERY_SECRET =
  /([?&](?:password|passwd|pwd|pass|token|auth|key|secret|sig|signature)=)[^&\s"'#]+/gi;

/** Puts "***" in place of every password and token inside URLs of a text. */
export function maskSecrets(text: string): string {
  return text
    .replaceAll(URL_CREDENTIALS, (_all, scheme: string, credentials: string) => {
      const user = credentials.split(":", 1)[0] ?? "";
      return credentials.includes(":") ? `${scheme}${user}:***@` : `${scheme}***@`;
    })
    .replaceAll(QUERY_SECRET, "$1***");
}
