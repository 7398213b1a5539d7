from tests.integration.codec_server.fixtures import by_issuer, ring, sealing, shared, the_issuer

__all__ = ["by_issuer", "ring", "sealing", "shared", "the_issuer"]
