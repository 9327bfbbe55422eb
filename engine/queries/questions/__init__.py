"""The standing questions of an audit (domain 8): each is a module here, answered from sealed histories."""
