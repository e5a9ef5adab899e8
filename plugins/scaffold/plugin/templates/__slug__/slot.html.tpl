{% load i18n %}
<section>
  <div class="section-head">
    <h2>{% translate "最新通知" %}</h2>
  </div>
  <ul class="lines">
    {% for note in notes %}
      <li>
        <a href="{% url '__slug__:note' note.uid %}">{{ note.title }}</a>
      </li>
    {% endfor %}
  </ul>
</section>
