from portal.news.models.article import ArticlePage, Attachment

__all__ = ["ArticlePage", "Attachment"]
