/**
 * Keeps passwords out of everything that people or files get to see. Used where
 * a text is made (the source) and again where it is printed (the sink).
 *
 * @module
 */

/**
 * Password (or a whole "user:password") in front of a host, as in
 * `rtsp://user:secret@10.0.0.5/`. The last "@" of the word ends it, because people
 * type passwords with "@" and "/" in them: rather too much is hidden than too
 * little. "test://1280x720@25" is a size and a rate. The look-behind keeps the
 * search linear in a long word.
 */
const URL_CREDENTIALS = /(?<![a-z0-9+.-])((?!test:)[a-z][a-z0-9+.-]*:\/\/)([^\s"']*)@/gi;

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
