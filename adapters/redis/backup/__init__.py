"""A copy of all that is kept, in one file that only its owner can read, and the way back.

sealing    the file: encrypted, with a passphrase or for a public key
contents   what stands in it, line by line
snapshot   one moment of a server, read without holding it up
restoring  into a server: put next to what is there, then into its place in one step
"""
