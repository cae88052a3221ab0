//! Reads the answers of a server by the rules of Specter's API.

use crate::core::python::json::{Cursor, JsonError, MAX_DEPTH, Object, Value, json};

/// An answer of a server.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Whether the answer asks for a login (`WWW-Authenticate`), which Specter itself never does.
    pub(super) is_challenge: bool,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Returns the members with these names, if the body is a JSON object.
    fn object(&self, names: &[&str]) -> Option<Object<'_>> {
        match json(&self.body, names) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// Whether the answer comes from Specter's API, and not from a web page or a server in front of it.
    pub(super) fn is_api(&self, status: u16) -> bool {
        self.status == status && !self.is_challenge && self.has("message")
    }

    /// Whether Specter has refused a login or a token. A server in front of it may answer 401 as well, but in other
    /// words.
    pub(super) fn is_refusal(&self) -> bool {
        const WORDS: &str = "The server could not verify that you are authorized to access the URL requested.";
        self.is_api(401) && self.text("message").is_some_and(|message| message.starts_with(WORDS))
    }

    pub(super) fn says(&self, message: &str) -> bool {
        self.text("message").as_deref() == Some(message)
    }

    pub(super) fn has(&self, member: &str) -> bool {
        self.object(&[member]).is_some_and(|object| object.member(member).is_some())
    }

    pub(super) fn text(&self, member: &str) -> Option<String> {
        self.object(&[member])?.member(member)?.as_str().map(str::to_owned)
    }
}

/// A token as the server lists it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListedToken {
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    /// `jwt_token_life`, spelled as a JSON number.
    pub(crate) life: Option<String>,
    /// In seconds; 0 once the token has expired. `None` if it is not a number or cannot be a time.
    pub(crate) remaining: Option<f64>,
}

/// Returns the tokens in an answer, in their order. They are read one at a time and reduced to what is needed, because
/// there may be many.
pub(super) fn listed(answer: &Answer) -> Option<Vec<ListedToken>> {
    const MEMBERS: [&str; 3] = ["jwt_token_description", "jwt_token_life", "jwt_token_remaining_life"];
    let mut cursor = Cursor::new(&answer.body, MAX_DEPTH);
    let mut tokens = None;
    cursor.skip_space();
    let read = cursor.each(b'{', b'}', |cursor| {
        if cursor.key()?.as_str() != Some("jwt_tokens") || cursor.peek() != Some(b'{') {
            return cursor.value(&[]).map(drop);
        }
        let mut listed = Vec::new();
        cursor.each(b'{', b'}', |cursor| {
            let id = cursor.key()?.into_shown();
            let value = cursor.value(&MEMBERS)?;
            // Specter gives all three for every token. Many tokens with fewer would need many times the memory of the
            // answer.
            let object = value.as_object().filter(|object| MEMBERS.iter().all(|name| object.member(name).is_some()));
            listed.push(listed_token(&id, object.ok_or(JsonError::Malformed)?));
            Ok(())
        })?;
        tokens = Some(listed);
        Ok(())
    });
    read.and_then(|()| cursor.end()).ok()?;
    tokens
}

fn listed_token(id: &str, token: &Object<'_>) -> ListedToken {
    let number = |name| match token.member(name) {
        Some(Value::Int(number) | Value::Float(number)) => number.parse::<f64>().ok().map(|value| (*number, value)),
        _ => None,
    };
    let finite = |name| number(name).filter(|(_, value)| value.is_finite());
    let description = match token.member("jwt_token_description") {
        Some(Value::Text(text)) => Some(text.clone().into_shown().into_owned()),
        _ => None,
    };
    ListedToken {
        id: id.to_owned(),
        description,
        life: finite("jwt_token_life").map(|(number, _)| number.to_owned()),
        remaining: finite("jwt_token_remaining_life").map(|(_, seconds)| seconds),
    }
}
