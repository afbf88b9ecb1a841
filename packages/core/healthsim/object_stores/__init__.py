"""Object stores (S3, Google Cloud Storage, Azure): what is written for others goes there, and comes from there.

Everything is made on this machine first, as for a folder, and then sent: parts side by side, the manifest last. A place
without a manifest is not whole. What is read comes whole to this machine first.
"""
