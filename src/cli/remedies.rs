//! Remedies, spelled as options and commands of this program.

use crate::core::error::Remedy;
use crate::host::secret::KEY_FILE;

/// The remedy if there is no token.
pub(crate) const CREATE_ONE: &str = "`specter-token create -d TEXT -l \"3 days\"` makes one";

/// The remedy if a name matches no token.
pub(crate) const LIST_TOKENS: &str =
    "`specter-token list` shows the tokens; give the whole id, or its first 4 characters or more";

pub(crate) fn spelled(remedy: &Remedy) -> String {
    let fixed = match remedy {
        Remedy::NameFolderOrClearPath => "name Specter's data folder with --data-folder, or move this out of the way",
        Remedy::NameOrMakeFolder => {
            "name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does Specter \
             at its start"
        }
        Remedy::NameFolderOfRunning => "name its data folder: --data-folder DIR",
        Remedy::NameHolder(folder) => {
            return format!("name the folder that holds it: --data-folder {}", folder.display());
        }
        Remedy::NameFolderOrFixLink => {
            "check that the disk is mounted, correct the link, or name another folder with --data-folder"
        }
        Remedy::NameNewFolder => "name another folder with --data-folder; nothing that exists is ever replaced",
        Remedy::NameNewFile { exists: true } => "name a new file; --out never overwrites one",
        Remedy::NameNewFile { exists: false } => "name a file that you can make, in an existing folder",
        Remedy::NameUser(users) => {
            return format!("name the token's user with --user; the users are: {}", users.join(", "));
        }
        Remedy::ListTokens => LIST_TOKENS,
        Remedy::OtherDescriptionOrReplace => {
            "choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with --replace"
        }
        Remedy::GiveKey(folder) => {
            return format!(
                "set SECRET_KEY as Specter has it, or put the key into {}, or name its file with --secret-file; \
                 a Specter that was started without SECRET_KEY makes up a new key at every start, and accepts no token from outside",
                folder.join(KEY_FILE).display()
            );
        }
        Remedy::GiveSpectersKeyOrTakeNew => {
            "give the key that Specter is started with; if Specter has a new one, add --new-key"
        }
        Remedy::ChooseKey(own) => {
            return format!(
                "--secret-file {} uses the folder's own; if Specter is started with the other one, add --new-key",
                own.display()
            );
        }
        Remedy::SetClockOrConfirm => "set the clock; if it is right, add --yes",
        Remedy::StopOrUseServer(url) => {
            return format!(
                "stop Specter first, or let it make the change itself: --server {}; --even-if-running changes the file anyway",
                url.as_deref().unwrap_or("URL")
            );
        }
        Remedy::RestartAndList => "restart Specter now; then `specter-token list` shows the tokens",
        Remedy::GiveLogin => "give this user's name with --user, and the password with --password-file",
        Remedy::GiveLoginApart => {
            "name the user with --user, and give the password with --password-file or SPECTER_PASSWORD"
        }
        Remedy::WaitLonger => "try again, or give it longer with --timeout",
        Remedy::TrustCertificate => {
            "name the certificate to trust with --ca-cert; a Specter that was started with --ssl has it in its data folder, as cert.pem"
        }
        Remedy::EncryptOrAllow => {
            "begin it with https://; --allow-http allows http, for a private network such as a VPN"
        }
        Remedy::EncryptOrDropCertificates => "begin it with https://, or leave out --ca-cert",
        Remedy::UseFolder => "stop Specter and work on its users.json: --data-folder DIR in place of --server",
        Remedy::LocalFolderOrServer => {
            "keep Specter's data folder on a local file system, or let a running Specter make the change: --server URL"
        }
        Remedy::RevokeInFolder => "stop Specter and revoke the token in its users.json: --data-folder DIR",
        Remedy::FindUndecodable => {
            "find it in the server's users.json (`specter-token list --data-folder DIR`), and revoke it by its full id"
        }
        Remedy::SeeLogAndList => "Specter's log tells why; `specter-token list` shows the tokens",
        Remedy::RevokeLater => {
            "`specter-token list` shows it by its description; if it is there, revoke it, because nobody has its text"
        }
        Remedy::Revoke(id) => return format!("`specter-token revoke {id}` removes it"),
    };
    fixed.to_owned()
}
