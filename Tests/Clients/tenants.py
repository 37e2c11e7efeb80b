"""Who may do what at the guarded server: users in the form that docs/OPERATING.md gives, and a password for the others."""

PASSWORD = "what-everybody-knows"
TENANTS = {"team-a": "correct-horse", "team-b": "other-horse"}


def model(tenant):
    return f"compat/{tenant}"


def users():
    """LMCache up to 0.3.12 puts the engine in front of the model's name."""
    rights = "+@read +@write +@connection +@transaction +info"
    return "".join(
        f"user {name} on >{password} ~{model(name)}@* ~vllm@{model(name)}@* {rights}\n"
        for name, password in TENANTS.items()
    )
