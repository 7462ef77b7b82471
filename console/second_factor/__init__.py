"""What the staff log in with beside a password: a code of an authenticator (TOTP, RFC 6238), or a recovery code."""
