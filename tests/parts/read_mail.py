"""Says as JSON what Python's own email package finds in a mail: headers, parts, content ids, defects. In: the file of a mail."""
import email
import email.policy
import hashlib
import json
import sys

with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
parts = list(mail.walk())
html = mail.get_body(("html",)).get_content()
print(json.dumps({
    "subject": mail["subject"],
    "from": str(mail["from"]),
    "to": [address.addr_spec for address in mail["to"].addresses],
    "date": mail["date"].datetime.isoformat(),
    "headers": mail.keys(),
    "types": [part.get_content_type() for part in parts],
    "charsets": [part.get_content_charset() for part in parts if part.get_content_maintype() == "text"],
    "pictures": {
        part["content-id"].strip("<>"): hashlib.sha256(part.get_content()).hexdigest()
        for part in parts if part.get_content_maintype() == "image"
    },
    "text": mail.get_body(("plain",)).get_content(),
    "html": html,
    "defects": [repr(defect) for part in parts for defect in part.defects]
    + [repr(defect) for part in parts for _, value in part.items() for defect in value.defects],
}))
